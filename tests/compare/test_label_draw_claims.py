"""Labels that teach a class nothing: counted, expected, and what they say of 1 - 1/d."""

import dataclasses

import numpy as np
import pytest
from synthetic import decide, inside, outside, result, study, trajectory

from bofcheck.compare import Cell, Role, Scope, Status, all_claims, analyse
from bofcheck.compare.cells import net_counts, taught_nothing
from bofcheck.compare.checks.label_draw import (
    draw_p_value,
    label_draws,
)
from bofcheck.compare.checks.violation_rate import Outcome, ViolationRate
from bofcheck.simulate import train
from bofcheck.theory import benign, label_draw_failure


def labelled(problem, positive, flipped_positive, flipped_negative, runs=64, **rest):
    """A cell of runs with these counts of labels, each one number or (runs,)."""
    made = trajectory(problem, [0, 10], runs, **rest)
    counts = {
        name: np.broadcast_to(np.asarray(values), (runs,)).copy()
        for name, values in (
            ("positive", positive), ("flipped_positive", flipped_positive),
            ("flipped_negative", flipped_negative),
        )
    }  # fmt: skip
    return result(dataclasses.replace(made, **counts), f"n{problem.n_samples}", T1=1.0, T2=3.0,
                  T3=9.0)  # fmt: skip


def test_the_mask():
    problem = outside(n_samples=20)
    cell = labelled(problem, [10, 10, 10, 0, 12], [4, 5, 0, 0, 0], [0, 0, 6, 0, 3], runs=5)
    assert net_counts(cell).min(axis=1).tolist() == [2, 0, -2, 0, 2]
    assert taught_nothing(cell).tolist() == [False, True, True, True, False]
    (draw,) = label_draws([cell])
    assert (draw.drawn, draw.runs, draw.promised) == (3, 5, 1 / 400)
    assert draw.failure == label_draw_failure(20, 0.1)


def test_a_class_without_a_lead_is_not_learned():
    """What the mask stands for: such runs end with an error no other run has."""
    problem = inside(flip_prob=0.3, dim_factor=2.0).replace(n_samples=8, learning_rate=0.03)
    cell = Cell("few", Role.HELD_OUT, "stage", problem, 4_000)
    made = analyse(cell, train(problem, seeds=24, steps=4_000), benign)
    lost = taught_nothing(made)
    assert 3 < lost.sum() < 21
    ends = np.exp(made.trajectory["log_failure_prob"][:, -1])
    assert ends[lost].min() > 0.1
    assert np.median(ends[~lost]) < 0.01


def test_labels_against_the_promise():
    good = labelled(inside(flip_prob=0.1), 12, 0, 0)
    verdict = decide(study(good), "L7")
    assert (verdict.status, verdict.scope) == (Status.VIOLATED, Scope.INSIDE)
    assert verdict.statistic == pytest.approx(
        label_draw_failure(24, 0.1) * good.cell.problem.dim, rel=1e-9, abs=0.0
    )
    line = verdict.evidence["cells"]["n24"]
    assert (line["item_2_prime"], line["drawn"]) == (False, 0)
    # enough samples for a small d: nothing is promised that labels break
    many = labelled(outside(n_samples=200, dim=400), 100, 10, 10)
    verdict = decide(study(many), "L7")
    assert (verdict.status, verdict.scope) == (Status.HOLDS, Scope.OUTSIDE)
    assert verdict.evidence["cells"]["n200"]["item_2_prime"]
    # cells inside decide by themselves
    assert decide(study(good, many), "L7").scope is Scope.INSIDE
    # labels that were not drawn as Definition 3.1 says
    odd = labelled(inside(flip_prob=0.1), 12, 7, 0)
    assert decide(study(odd), "L7").status is Status.INCONCLUSIVE
    assert decide(study(), "L7").status is Status.INCONCLUSIVE


def test_p_values_of_counts():
    rng = np.random.default_rng(3)
    (draw,) = label_draws([labelled(outside(n_samples=10, flip_prob=0.2), 5, 0, 0)])
    values = []
    for _ in range(400):
        drawn = int(rng.binomial(draw.runs, draw.failure))
        values.append(draw_p_value([dataclasses.replace(draw, drawn=drawn)] * 1))
    assert np.mean(np.array(values) < 0.1) < 0.15
    assert draw_p_value([dataclasses.replace(draw, drawn=draw.runs)]) < 1e-12


@pytest.mark.parametrize("claim", ["B8", "M5"])
def test_one_over_d_is_decided_by_the_labels(claim):
    fine = {"v_plus": 9.0, "v_minus": -9.0, "v_noise_clean": 1.0, "log_failure_prob": -50.0}
    verdict = decide(study(labelled(inside(flip_prob=0.2), 12, 2, 2, **fine)), claim)
    assert (verdict.status, verdict.word) == (Status.HOLDS, "HOLDS (not at 1/d)")
    line = verdict.at_one_over_d
    assert (line.status, line.violations) == (Status.VIOLATED, 0)
    assert line.label_draw == pytest.approx(0.0349, rel=1e-2, abs=0.0)
    assert "by the label draw alone, q = 0.035 > 1/d" in verdict.reason
    # labels enough, and it is open again
    many = labelled(outside(n_samples=200, dim=400), 100, 10, 10, **fine)
    verdict = decide(study(many), claim)
    assert (verdict.at_one_over_d.status, verdict.word) == (Status.INCONCLUSIVE, "HOLDS")
    assert verdict.at_one_over_d.label_draw is None


def test_claims_that_need_no_labels_are_left_to_their_runs():
    cell = labelled(inside(flip_prob=0.2), 12, 2, 2, runs=300)
    start = all_claims()["M1"]
    assert not start.label_draw
    clean = ViolationRate([Outcome(cell, np.full(300, -1.0))], "break it").decide(start, study())
    assert clean.at_one_over_d.status is Status.INCONCLUSIVE
    # a line that is refuted by runs is part of the verdict as well
    margins = np.where(np.arange(300) < 3, 1.0, -1.0)
    some = ViolationRate([Outcome(cell, margins)], "break it").decide(start, study())
    assert (some.status, some.word) == (Status.HOLDS, "HOLDS (not at 1/d)")
    assert "refuted at the promised probability" in some.reason
    assert "3 of 300 violate" in some.reason
