"""What a run's own draws say about it, on trained runs."""

import numpy as np
import pytest
from synthetic import result, trajectory

from bofcheck.compare.cells import analyse, net_counts
from bofcheck.compare.checks.seed_covariates import (
    flipped_share,
    head_start,
    weaker_class,
)
from bofcheck.compare.papers.zhang2025.designs._power_cells import power_cells
from bofcheck.simulate import Problem, train
from bofcheck.simulate.data.signal_noise import draw_labels
from bofcheck.theory import benign, get_theorem


@pytest.fixture(scope="module")
def trained():
    """The design's first small cell, up to a third of T2, 24 runs."""
    cell = min(power_cells(12), key=lambda one: one.steps * one.problem.n_samples)
    steps = cell.steps // 8
    made = train(cell.problem, seeds=24, steps=steps, log_at=f"every:{max(steps // 40, 1)}")
    return analyse(cell, made, benign)


def test_counts_are_those_of_the_labels():
    problem = Problem(n_samples=12, dim=50, flip_prob=0.3, start="materialised", key_dim=4)
    made = train(problem, seeds=6, steps=1)
    counts, shares = net_counts(result(made)), flipped_share(result(made))
    for run in range(6):
        labels = draw_labels(problem, run)
        for column, sign in enumerate((1, -1)):
            of_class = labels.true == sign
            kept = np.sum(labels.observed[of_class] == sign)
            assert counts[run, column] == kept - (of_class.sum() - kept)
        assert shares[run] == np.mean(labels.flipped)


def test_the_start_predicts_t1_of_every_run(trained):
    # DERIVED: T1 = c sigma_V/(eta mu w SNR) for a balanced run from V = 0, times exp(head start)
    law = get_theorem("benign").time("T1", "derived")
    times, ahead = trained.events["T1"], head_start(trained)
    known = np.isfinite(times) & (times > 0) & np.isfinite(ahead)
    assert known.sum() > 16
    ratio = times[known] / law.numeric(**trained.values, c1=1.0) / np.exp(ahead[known])
    assert np.log(times[known]).std() > 0.4  # runs differ by factors ...
    assert np.log(ratio).std() < 0.02  # ... of which the start explains all but 2%
    p = trained.cell.problem.flip_prob
    assert np.median(ratio) == pytest.approx(8 / (1 - 2 * p), rel=0.03, abs=0.0)


def test_the_weaker_class_explains_the_depth(trained):
    weaker = weaker_class(trained)
    depth = np.log(-trained.trajectory["log_failure_prob"][:, -1])
    known = np.isfinite(weaker)
    slope, constant = np.polyfit(weaker[known], depth[known], 1)
    left = depth[known] - slope * weaker[known] - constant
    assert 1.3 < slope < 2.3  # 2 for V² in the Gaussian tail, less where the start counts
    assert left.std() < 0.5 * depth[known].std()


def test_a_balanced_run_without_flips_has_nothing_to_explain():
    one = result(trajectory(Problem(n_samples=8, dim=100), [0, 1], runs=3))
    np.testing.assert_allclose(weaker_class(one), 0.0)
    np.testing.assert_allclose(head_start(one), 0.0)
    np.testing.assert_allclose(flipped_share(one), 0.0)


def test_a_class_without_labels_to_spare_is_not_known():
    made = trajectory(Problem(n_samples=8, dim=100), [0, 1], runs=2)
    made.flipped_positive[1] = 2  # of four
    one = result(made)
    assert np.isnan(weaker_class(one)).tolist() == [False, True]
    assert np.isnan(head_start(one)).tolist() == [False, True]
