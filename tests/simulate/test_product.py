"""The vector kernels against plain arithmetic."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bofcheck.simulate.numerics.exponential import exponential, log_one_plus
from bofcheck.simulate.numerics.product import add_product, multiply


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@given(
    rows=st.integers(1, 27), depth=st.integers(0, 27), half=st.integers(1, 60),
    seed=st.integers(0, 2**32 - 1),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_product_is_the_matrix_product(kind, rows, depth, half, seed):
    rng = np.random.default_rng(seed)
    a = rng.standard_normal((rows, depth)).astype(kind)
    b = rng.standard_normal((depth, 2 * half)).astype(kind)
    c = rng.standard_normal((rows, 2 * half)).astype(kind)
    guarded = np.zeros((rows + 2, 2 * half), dtype=kind)
    guarded[1:-1] = c
    add_product(a, b, guarded[1:-1])
    expected = c.astype(float) + a.astype(float) @ b.astype(float)
    bound = (depth + 2) * np.finfo(kind).eps * (abs(c) + abs(a) @ abs(b) + 1)
    assert (abs(guarded[1:-1] - expected) <= bound).all()
    assert not guarded[0].any()
    assert not guarded[-1].any()


@pytest.mark.parametrize(("m", "k", "w"), [(1, 1, 1), (5, 0, 3), (40, 512, 513), (3, 7, 31)])
def test_any_width_is_multiplied(m, k, w):
    rng = np.random.default_rng(m + k + w)
    a, b = rng.standard_normal((m, k)), rng.standard_normal((k, w))
    np.testing.assert_allclose(multiply(a, b), a @ b, rtol=0, atol=1e-13 * (k + 1))
    np.testing.assert_allclose(multiply(a.T.copy().T, b), multiply(a, b), rtol=1e-15)


@given(st.floats(-700, 700))
@settings(deadline=None)  # the first call compiles
def test_exponential_is_exact_to_rounding(x):
    assert math.isclose(exponential(x), math.exp(x), rel_tol=4e-16)


@given(st.floats(1e-304, 1))  # what `exponential` gives for numbers not above 0
@settings(deadline=None)  # the first call compiles
def test_log_one_plus_is_exact_to_rounding(x):
    assert math.isclose(log_one_plus(x), math.log1p(x), rel_tol=1e-15)


def test_exponential_saturates_and_keeps_nan():
    assert exponential(math.inf) == exponential(1e4) == exponential(700.0) < math.inf
    assert exponential(-math.inf) == exponential(-1e4) == exponential(-700.0) > 0
    assert math.isnan(exponential(math.nan))
    assert exponential(0.0) == 1.0
