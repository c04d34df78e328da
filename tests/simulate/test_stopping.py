"""Runs that end at their target loss, and what is kept of them."""

import subprocess
import sys

import numpy as np
import pytest

from bofcheck.simulate import Problem, draw_arrays, train
from bofcheck.simulate.engines.span import SpanEngine

SMALL = Problem(
    n_samples=6, dim=60, key_dim=9, value_dim=5, noise_std=0.1, flip_prob=0.2, learning_rate=3.0,
    target_loss=0.3, test_tokens=16, start="materialised",
)  # fmt: skip


@pytest.mark.parametrize("engine", ["span", "direct"])
@pytest.mark.parametrize("trained", [False, True])
def test_a_run_ends_at_the_first_step_whose_loss_is_small_enough(engine, trained):
    problem = SMALL.replace(train_output=trained)
    steps = 60 if engine == "direct" else 400
    free = train(problem, seeds=4, steps=steps, engine=engine, log_at="every:1")
    below = free["train_loss"] <= problem.target_loss
    first = np.where(below.any(axis=1), below.argmax(axis=1), -1)
    assert (first > 0).any()
    stopped = train(
        problem.replace(stop_at_target=True), seeds=4, steps=steps, engine=engine,
        log_at="every:7",
    )  # fmt: skip
    assert stopped.stopped_at.tolist() == first.tolist()
    assert (free.stopped_at == -1).all()
    for run, at in enumerate(first):
        until = steps if at < 0 else at
        for name, values in stopped.quantities.items():
            expected = free[name][run, np.minimum(stopped.steps, until)]
            np.testing.assert_array_equal(values[run], expected, err_msg=name)


def test_a_loss_first_met_after_the_last_step_counts():
    free = train(SMALL, seeds=1, steps=400, log_at="every:1")
    at = int((free["train_loss"][0] <= SMALL.target_loss).argmax())
    ending = SMALL.replace(stop_at_target=True)
    assert train(ending, seeds=1, steps=at).stopped_at.tolist() == [at]
    assert train(ending, seeds=1, steps=at - 1).stopped_at.tolist() == [-1]


def test_windows_change_no_number(monkeypatch):
    ending = SMALL.replace(stop_at_target=True)
    whole = train(ending, seeds=7, steps=200)
    monkeypatch.setattr(SpanEngine, "window", lambda self, problem: 3)
    said = []
    pieces = train(ending, seeds=7, steps=200, progress=said.append)
    for name, values in whole.quantities.items():
        np.testing.assert_array_equal(values, pieces[name], err_msg=name)
    for name in ("diverged_at", "stopped_at", "positive", "flipped_positive", "flipped_negative"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(pieces, name))
    assert said == sorted(said)
    assert said[-1] == 200


def test_a_window_of_large_runs_is_small():
    engine = SpanEngine()
    assert engine.window(SMALL) > 100
    assert (
        engine.window(SMALL.replace(n_samples=1000, dim=10**6, key_dim=4000, start="sampled")) <= 2
    )


def test_many_hundred_samples_agree_with_autograd():
    problem = Problem(
        n_samples=300, dim=40, key_dim=30, value_dim=4, noise_std=0.2, learning_rate=2.0,
        flip_prob=0.1, test_tokens=4, start="materialised",
    )  # fmt: skip
    span, direct = (train(problem, seeds=1, steps=30, engine=one) for one in ("span", "direct"))
    for name in ("train_loss", "test_loss", "gap_clean", "v_noise_max"):
        np.testing.assert_allclose(span[name], direct[name], rtol=1e-9, err_msg=name)


def test_a_target_beyond_what_exponentials_hold_is_met_all_the_same():
    problem = SMALL.replace(
        stop_at_target=True, target_loss=1e-307, learning_rate=1e3, output_norm=1e3
    )
    ends = {
        engine: train(problem, seeds=2, steps=40, engine=engine, log_at=[40]).stopped_at.tolist()
        for engine in ("span", "direct")
    }
    assert ends["span"] == ends["direct"]
    assert max(ends["span"]) > 0


def test_a_forked_process_trains_on():
    """Threads do not survive a fork, so a pool kept from before it would wait for ever."""
    script = (
        "import os; from bofcheck.simulate import Problem, train\n"
        "problem = Problem(n_samples=4, dim=50, test_tokens=4)\n"
        "train(problem, seeds=20, steps=5)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    os._exit(int(train(problem, seeds=20, steps=5)['train_loss'].shape != (20, 6)))\n"
        "raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", script], check=True, timeout=120)


def test_no_output_weights_leave_the_loss_at_chance():
    arrays = draw_arrays(SMALL, 0)
    arrays.w_O[:] = 0.0
    trajectory = train(SMALL, seeds=1, steps=5, start=[arrays])
    np.testing.assert_allclose(trajectory["train_loss"], np.log(2))
