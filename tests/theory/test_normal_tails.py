"""Gaussian tails in log space, and the failure probability built from them, at 50 digits."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from theory_cells import exact

from bofcheck.theory import FAILURE_PROB, InvalidValueError, log_failure_prob, log_mean
from bofcheck.theory.evaluation.normal_tail import log_normal_tail

memories = st.floats(-150, 150)


def tail(x):
    with mpmath.workdps(50):
        return mpmath.erfc(mpmath.mpf(x) / mpmath.sqrt(2)) / 2


@given(st.floats(-30, 150))
@settings(max_examples=400, deadline=None)
def test_the_tail_matches_fifty_digits_down_to_e_to_minus_11000(x):
    with mpmath.workdps(250):  # close to probability 1 the logarithm needs the digits
        reference = float(mpmath.log(tail(x) if x > 0 else 1 - tail(-x)))
    assert log_normal_tail(x) == pytest.approx(reference, rel=1e-12, abs=1e-300)


@given(st.floats(-1e6, 1e6), st.floats(1e-9, 10))
@settings(max_examples=400, deadline=None)
def test_the_tail_falls_and_both_tails_make_one(x, step):
    assert log_normal_tail(x + step) <= log_normal_tail(x) <= 0
    if abs(x) < 30:
        total = math.exp(log_normal_tail(x)) + math.exp(log_normal_tail(-x))
        assert total == pytest.approx(1, abs=1e-13)


def test_the_tail_at_the_ends_and_at_the_seam():
    ends = log_normal_tail([-math.inf, 0.0, math.inf, math.nan])
    assert ends[:3].tolist() == [0.0, -math.log(2), -math.inf]
    assert math.isnan(ends[3])
    seam = log_normal_tail([20 * (1 - 1e-15), 20.0])
    assert seam[0] == pytest.approx(seam[1], rel=1e-13, abs=0.0)


@given(memories, memories, st.floats(0.1, 2), st.floats(0.1, 2))
@settings(max_examples=100, deadline=None)
def test_failure_matches_fifty_digits_in_plain_and_in_log_space(v_plus, v_minus, noise, norm):
    cell = {"V_plus": v_plus, "V_minus": v_minus, "sigma_p": noise, "value_norm": norm}
    reference = exact(FAILURE_PROB.expr, cell)
    with mpmath.workdps(50):
        log_reference = float(mpmath.log(reference))
    log_prob = log_failure_prob(v_plus, v_minus, noise, norm)
    # Four roundings in the argument x of a tail move its logarithm by 4e-16 x^2.
    size = max(abs(v_plus), abs(v_minus)) / (noise * norm)
    assert log_prob == pytest.approx(log_reference, rel=1e-12, abs=1e-12 + 2e-15 * size**2)
    if log_reference > -600:
        prob = FAILURE_PROB.numeric(**cell)
        rel = 1e-12 + 2e-15 * min(size, 40) ** 2
        assert prob == pytest.approx(float(reference), rel=rel, abs=0.0)


@given(st.floats(0, 50), st.floats(0.1, 2), st.floats(1.01, 3))
@settings(max_examples=400, deadline=None)
def test_failure_falls_with_memory_and_rises_with_noise(v, noise, factor):
    at = log_failure_prob(v, -v, noise, 1.0)
    assert at <= -math.log(2)
    assert log_failure_prob(v * factor, -v, noise, 1.0) <= at
    assert log_failure_prob(v, -v * factor, noise, 1.0) <= at
    assert log_failure_prob(v, -v, noise * factor, 1.0) >= at
    assert log_failure_prob(v, -v, noise, factor) >= at
    # Only the ratio counts.
    assert log_failure_prob(v * 4, -v * 4, noise * 2, 2.0) == pytest.approx(at, rel=1e-12, abs=0.0)


def test_failure_is_a_share_of_drawn_tokens():
    # 10^6 draws: 4 standard errors of a share are at most 0.002 (false alarm 6e-5).
    rng = np.random.default_rng(0)
    label = rng.choice([-1, 1], 10**6)
    fresh = 0.5 * 3.0 * rng.standard_normal(10**6)
    failed = label * (np.where(label > 0, 1.2, -2.0) + fresh) / 2 <= 0
    assert math.exp(log_failure_prob(1.2, -2.0, 0.5, 3.0)) == pytest.approx(failed.mean(), abs=2e-3)


def test_failure_broadcasts_refuses_and_averages_over_runs():
    logs = log_failure_prob([1.0, 2000.0], [-1.0, -2000.0], 0.5, 1.0)
    assert logs.shape == (2,)
    assert log_mean(logs) == pytest.approx(logs[0] - math.log(2), rel=1e-6, abs=0.0)
    assert log_mean([[-math.inf, 0.0]] * 3).tolist() == [-math.log(2)] * 3
    assert log_mean(np.log([[0.1, 0.3], [0.3, 0.5]]), axis=0) == pytest.approx(
        np.log([0.2, 0.4]), rel=1e-6, abs=0.0
    )
    # The mean of the probabilities is above the probability at the mean memory.
    assert log_mean(logs) > log_failure_prob(1000.5, -1000.5, 0.5, 1.0)
    with pytest.raises(InvalidValueError, match=r"^value_norm: must be finite and above 0"):
        log_failure_prob(1.0, -1.0, 0.5, 0.0)
