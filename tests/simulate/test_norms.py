"""Norms of W_V w_O and w_O whose squares overflow or vanish: the same number on every engine."""

import math
from dataclasses import replace

import numpy as np
import pytest

from bofcheck.simulate import LearningRates, Problem, draw_arrays, train

PROBLEM = Problem(
    n_samples=3, dim=6, key_dim=2, value_dim=3, test_tokens=4, start="materialised", noise_std=0.3,
    train_output=True,
)  # fmt: skip
STILL = LearningRates(0.0, 0.0, 0.0)


def length(vector) -> float:
    """By scaled hypotenuses, in Python's own arithmetic."""
    return math.hypot(*np.asarray(vector).tolist())


@pytest.mark.parametrize("noise", ["isotropic", "orthogonal"])
@pytest.mark.parametrize("trained", [True, False])
@pytest.mark.parametrize(
    ("of_values", "of_output"),
    [(1e-140, 1e-60), (1e-140, 1e200), (1.0, 1e-200), (1e140, 1e40), (1.0, 1e200), (1e140, 1e-200),
     (1e140, 1e140), (1e-140, 1e-140)],
)  # fmt: skip
def test_engines_agree_with_plain_arithmetic(noise, trained, of_values, of_output):
    problem = PROBLEM.replace(noise=noise, train_output=trained)
    start = draw_arrays(problem, 0)
    start = replace(start, W_V=of_values * start.W_V, w_O=of_output * start.w_O)
    u = start.W_V @ start.w_O
    for engine in ("direct", "span"):
        logged = train(problem, seeds=1, steps=1, engine=engine, start=[start], rates=STILL)
        assert not logged.diverged.any()
        np.testing.assert_allclose(logged["value_norm"], length(u), rtol=1e-9, err_msg=engine)
        np.testing.assert_allclose(
            logged["output_norm"], length(start.w_O), rtol=1e-9, err_msg=engine
        )


@pytest.mark.parametrize("size", [1e19, 1e25, 1e30])
def test_single_precision_overflows_no_earlier_in_one_engine(size):
    """Squares of float32 numbers above 1.8e19 are infinite in float32 only."""
    problem = PROBLEM.replace(dtype="float32")
    start = draw_arrays(problem, 0)
    start = replace(start, W_V=size * start.W_V)
    norms = [
        train(problem, seeds=1, steps=1, engine=engine, start=[start])["value_norm"][0, 0]
        for engine in ("direct", "span")
    ]
    np.testing.assert_allclose(norms, length(start.W_V @ start.w_O), rtol=1e-4)


@pytest.mark.parametrize("noise", ["isotropic", "orthogonal"])
@pytest.mark.parametrize("size", [1e170, 1e308])
def test_an_overflow_is_the_same_divergence_on_both_engines(size, noise):
    problem = PROBLEM.replace(noise=noise, signal_norm=50.0)
    start = draw_arrays(problem, 0)
    start = replace(start, W_V=1e140 * np.sign(start.W_V), w_O=np.full_like(start.w_O, size))
    logs = [
        train(problem, seeds=1, steps=3, engine=engine, start=[start], log_at="every:1")
        for engine in ("direct", "span")
    ]
    assert [log.diverged_at.tolist() for log in logs] == [[0], [0]]
    for log in logs:
        assert np.isnan(log["value_norm"]).all()


def test_vectors_that_cancel_have_no_length_by_rounding():
    start = draw_arrays(PROBLEM, 0)
    start = replace(start, W_V=np.zeros_like(start.W_V))
    for engine in ("direct", "span"):
        logged = train(PROBLEM, seeds=1, steps=1, engine=engine, start=[start], rates=STILL)
        assert logged["value_norm"].tolist() == [[0.0, 0.0]]
