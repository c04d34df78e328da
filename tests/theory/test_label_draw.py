"""q(N, p) against enumeration, simulation and its own rate; item 2' at the numbers of cells."""

from fractions import Fraction
from itertools import product
from math import factorial, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bofcheck.theory import (
    ENOUGH_LABELS,
    LABELS_PER_LOG,
    InvalidValueError,
    formulas,
    get_theorem,
    label_draw_failure,
)


def by_enumeration(n, p):
    """Over all counts of kept and flipped labels of both classes, in exact fractions."""
    total = Fraction(0)
    for kept, lost, kept2, lost2 in product(range(n + 1), repeat=4):
        if kept + lost + kept2 + lost2 == n and min(kept - lost, kept2 - lost2) <= 0:
            ways = factorial(n)
            for count in (kept, lost, kept2, lost2):
                ways //= factorial(count)
            total += ways * (1 - p) ** (kept + kept2) * p ** (lost + lost2) / Fraction(2) ** n
    return total


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("p", [Fraction(0), Fraction(1, 10), Fraction(1, 5), Fraction(9, 20)])
def test_it_is_exact(n, p):
    exact = float(by_enumeration(n, p))
    assert label_draw_failure(n, float(p)) == pytest.approx(exact, rel=1e-12, abs=0.0)


def test_it_is_what_drawn_labels_do():
    rng = np.random.default_rng(5)
    true, flips = rng.random((200_000, 24)) < 0.5, rng.random((200_000, 24)) < 0.2
    lead = np.where(flips, -1, 1)
    worst = np.minimum((lead * true).sum(axis=1), (lead * ~true).sum(axis=1))
    seen, exact = (worst <= 0).mean(), label_draw_failure(24, 0.2)
    assert abs(seen - exact) < 4 * np.sqrt(exact * (1 - exact) / 200_000)
    assert exact == pytest.approx(0.0349, rel=2e-3, abs=0.0)


@pytest.mark.parametrize(("p", "rate"), [(0, 1.44), (0.02, 2.24), (0.05, 3.02), (0.2, 9.49)])
def test_item_two_prime(p, rate):
    assert LABELS_PER_LOG.numeric(p=p) == pytest.approx(rate, rel=3e-3, abs=0.0)
    dim = 1e9
    assert ENOUGH_LABELS.holds(N=rate * 1.01 * log(dim), d=dim, p=p)
    assert not ENOUGH_LABELS.holds(N=rate * 0.99 * log(dim), d=dim, p=p)
    assert formulas(get_theorem("benign"))["item 2'"] == (ENOUGH_LABELS,)


@pytest.mark.parametrize("p", [0.05, 0.1, 0.2])
def test_the_rate_is_the_rate_of_q(p):
    """A power of N apart, q falls by exp(-1/c) a sample."""
    far, near = label_draw_failure(900, p), label_draw_failure(600, p)
    fall = -log(far / near) - 0.5 * log(900 / 600)
    assert fall == pytest.approx(300 / LABELS_PER_LOG.numeric(p=p), rel=2e-2, abs=0.0)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 120), st.floats(0, 0.49))
def test_chernoff_covers_it(n, p):
    """Enough labels for d/2 keep q within 1/d; more samples or fewer flips never hurt much."""
    q = label_draw_failure(n, p)
    assert 0 < q <= 1
    assert q <= 2 * np.exp(-n / LABELS_PER_LOG.numeric(p=p)) * (1 + 1e-9)
    assert label_draw_failure(n, p / 2) <= q * (1 + 1e-9)


@pytest.mark.parametrize(("n", "p"), [(0, 0.1), (2.5, 0.1), (8, 0.5), (8, -0.1)])
def test_numbers_out_of_range(n, p):
    with pytest.raises(InvalidValueError, match="must be"):
        label_draw_failure(n, p)
