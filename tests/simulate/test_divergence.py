"""Runs whose output stops being finite are marked with their step; the others go on."""

import numpy as np
import pytest

from bofcheck.simulate import QUANTITIES, Problem, train

ENGINES = ("direct", "span")
#: Step sizes this large overshoot by 1e60 a step and overflow within a few.
WILD = Problem(
    n_samples=5, dim=6, key_dim=4, value_dim=7, signal_norm=3.0, noise_std=1.0, flip_prob=0.1,
    init_std_qk=0.3, init_std_v=0.2, learning_rate=1e30, train_output=True, test_tokens=4,
    start="materialised",
)  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
def test_everything_from_the_step_of_divergence_on_is_nan(engine):
    trajectory = train(WILD, seeds=3, steps=12, engine=engine, log_at="every:1")
    assert trajectory.diverged.any()
    for run, stopped in enumerate(trajectory.diverged_at):
        before = trajectory.steps < (stopped if stopped >= 0 else 13)
        assert before.any()
        for name in QUANTITIES:
            assert np.isnan(trajectory[name][run, ~before]).all(), name
        assert np.isfinite(trajectory["train_loss"][run, before]).all()


def test_both_engines_name_the_same_step():
    direct, span = (
        train(WILD, seeds=6, steps=12, engine=engine, log_at="every:5") for engine in ENGINES
    )
    assert direct.diverged_at.tolist() == span.diverged_at.tolist()
    assert direct.diverged_at.max() > 1


@pytest.mark.parametrize("engine", ENGINES)
def test_the_step_does_not_depend_on_the_log_schedule(engine):
    long = train(WILD, seeds=2, steps=12, engine=engine, log_at=[])
    stopped = int(long.diverged_at.max())
    assert stopped > 1
    run = int(long.diverged_at.argmax())
    every = train(WILD, seeds=2, steps=12, engine=engine, log_at="every:1")
    assert every.diverged_at.tolist() == long.diverged_at.tolist()
    # the state after the very last step is looked at too
    short = train(WILD, seeds=2, steps=stopped, engine=engine, log_at=[])
    assert short.diverged_at[run] == stopped
    assert np.isnan(short["train_loss"][run, -1])
    earlier = train(WILD, seeds=2, steps=stopped - 1, engine=engine, log_at=[])
    assert earlier.diverged_at[run] == -1


@pytest.mark.parametrize("engine", ENGINES)
def test_a_diverged_run_leaves_its_neighbours_alone(engine):
    """In this batch some runs overshoot onto a plateau and stay finite, others overflow."""
    mixed = train(WILD, seeds=3, steps=12, engine=engine)
    assert mixed.diverged.any()
    assert not mixed.diverged.all()
    for run in range(3):
        alone = train(WILD, seeds=[run], steps=12, engine=engine)
        assert alone.diverged_at[0] == mixed.diverged_at[run]
        for name in QUANTITIES:
            assert mixed[name][run].tobytes() == alone[name][0].tobytes(), name


def test_training_stops_early_once_all_runs_diverged():
    seen = []
    train(WILD, seeds=[0], steps=10**6, log_at=[12, 10**6], progress=seen.append)
    assert seen[-2:] == [12, 10**6]  # the bar is full at the end
