"""d at which test_error leaves 1/2 and reaches p in the limit, beside predictions and training."""

import math

import numpy as np
import pytest

from bofcheck.simulate import EngineError, Problem, find_crossover, predict, train


def problem(dim=10_000, n=8, level=0.3, **rest):
    """The longer token has length 1."""
    numbers = {
        "n_samples": n, "dim": dim, "noise_std": dim**-0.5, "signal_norm": (level / n) ** 0.5,
        "key_dim": 10_000, "flip_prob": 0.0, "learning_rate": 0.02 * n, "init_std_qk": 0.01,
        "init_std_v": 0.001, "target_loss": 0.1,
    }  # fmt: skip
    return Problem(**numbers | rest)


def test_the_ends_are_where_a_prediction_has_those_errors():
    """The slow way: a prediction of the problem at that d, step by step to its target."""
    found = find_crossover(problem(flip_prob=0.125, n=16))
    assert found.labels == (8, 1, 1)
    for dim, level in ((found.leaves, 0.49), (found.reaches, 0.135)):
        there = problem(round(dim), flip_prob=0.125, n=16)
        run = predict(there, steps=found.steps, log=[0, found.steps], labels=found.labels)
        near = 0.02 * (0.5 - 0.125) if dim < 100 else 2e-4  # d is whole
        assert run["test_error"][0, -1] == pytest.approx(level, rel=0.0, abs=near)
        assert run["train_loss"][0, -1] <= 0.1
    assert found.leaves < found.reaches
    assert found.large_d_error == pytest.approx(0.125, rel=0.0, abs=1e-6)


def test_trained_runs_cross_over_there():
    """test_error of trained runs with as many positive as negative samples, at d around the end."""
    found = find_crossover(problem())
    errors = []
    for factor in (0.05, 1.0, 20.0):
        cell = problem(round(factor * found.reaches))
        runs = train(cell, seeds=96, steps=found.steps, log_at=[0, found.steps])
        balanced = runs.positive == 4
        assert balanced.sum() >= 16
        errors.append(np.exp(np.median(runs["log_failure_prob"][balanced, -1])))
        assert runs["train_loss"][balanced, -1].mean() == pytest.approx(0.1, rel=0.05, abs=0.0)
    below, at, beyond = errors
    assert below > 0.1
    assert at == pytest.approx(0.01, rel=0.3, abs=0.0)
    assert beyond < 1e-6


def test_test_error_falls_where_test_loss_stays():
    found = find_crossover(problem(level=0.1))
    far = find_crossover(problem(100_000_000, level=0.1))
    assert found.harm > 0.9
    assert (far.leaves, far.reaches) == pytest.approx(
        (found.leaves, found.reaches), rel=1e-4, abs=0.0
    )
    assert far.test_error < 1e-9 < 0.05 < found.test_error
    stronger = find_crossover(problem(level=1.0))
    assert stronger.reaches < found.reaches
    assert stronger.harm < found.harm


def test_a_large_start_of_v_keeps_test_error_up():
    found = find_crossover(problem(init_std_v=3.0, level=0.1))
    assert math.isinf(found.reaches)
    assert found.large_d_error > 0.01
    unlearned = find_crossover(problem(flip_prob=0.25), labels=(4, 2, 0))  # a class without a lead
    assert math.isinf(unlearned.reaches)
    assert unlearned.large_d_error > 0.25 + 0.1


@pytest.mark.parametrize(
    ("given", "labels", "message"),
    [
        ({"train_output": True}, None, "train_output = true"),
        ({}, (9, 0, 0), "labels = 9, 0, 0"),
        ({}, (4, 0), "labels"),
    ],
)
def test_what_is_refused(given, labels, message):
    with pytest.raises(EngineError, match=message):
        find_crossover(problem(**given), labels=labels)
    with pytest.raises(EngineError, match="give a Problem"):
        find_crossover("problem.toml")
