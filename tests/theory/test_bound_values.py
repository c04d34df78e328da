"""Every bound and time, in float64, against the same expression at 50 digits."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Max, Min, Symbol, exp, log
from theory_cells import at_step, cells, exact

from bofcheck.theory import CONSTANTS, SYMBOLS, bayes_loss, benign, evaluate, harmful
from bofcheck.theory.evaluation.numbers import log_expression

TIMES = [time for theorem in (benign, harmful) for time in theorem.times]


@pytest.mark.parametrize("bound", [benign.bound("B2"), benign.bound("B3")], ids=lambda b: b.name)
@given(cell=cells(deepest=1e6), fraction=st.floats(0.1, 1))
@settings(max_examples=40, deadline=None)
def test_log_excess_survives_where_the_excess_underflows(bound, cell, fraction):
    stage = next(s for s in benign.stages if bound in s.bounds)
    cell = at_step(cell, stage, fraction)
    with mpmath.workdps(50):
        reference = float(mpmath.log(exact(bound.excess, cell)))
    assert bound.log_excess(**cell) == pytest.approx(reference, rel=1e-12, abs=1e-12)


def test_log_excess_is_finite_at_e_to_minus_ten_thousand():
    cell = {"C2": 0.5, "k2": 1.0, "eta": 1.0, "mu": 1.0, "w": 1.0, "T1": 0.0, "t": 10_000.0}
    bound = benign.bound("B2")
    assert bound.numeric(**cell, p=0.0) == 0.0
    assert bound.log_excess(**cell) == pytest.approx(np.log(0.5) - 10_000, rel=1e-15, abs=0.0)


@pytest.mark.parametrize("time", TIMES, ids=lambda x: x.name)
@given(cell=cells())
@settings(max_examples=15, deadline=None)
def test_time_matches_fifty_digits_and_is_the_sum_of_its_terms(time, cell):
    value = time.numeric(**cell)
    assert value == pytest.approx(float(exact(time.expr, cell)), rel=1e-12, abs=0.0)
    parts = [cell[str(c)] * evaluate(term, cell) for c, term in time.terms().items()]
    assert value == pytest.approx(sum(parts), rel=1e-12, abs=0.0)


def test_numbers_by_hand():
    # N=20, d=10^4, mu=2, sigma_p=0.01: SNR = 2, N SNR^2 = 80.
    v = {"N": 20, "d": 1e4, "mu": 2.0, "sigma_p": 0.01, "w": 1.0, "eta": 0.5, "sigma_V": 0.1}
    assert benign.condition.ratio(**v, C0=8) == pytest.approx(10, rel=1e-6, abs=0.0)
    # eta (t-T1) mu^2 w^2 = 0.5*10*4 = 20; with k2 = 0.05 the exponent is -1.
    expected = 0.1 + 0.4 * np.exp(-1)
    assert benign.bound("B2").numeric(**v, p=0.1, C2=0.4, k2=0.05, T1=5, t=15) == pytest.approx(
        expected, rel=1e-6, abs=0.0
    )
    # eta (t-T2) mu w SNR/sigma_V = 0.5*3*2*2/0.1 = 60; squared 3600; k3 = 1/1800 gives -2.
    expected = 0.1 + 0.4 * np.exp(-2)
    assert benign.bound("B3").numeric(**v, p=0.1, C3=0.4, k3=1 / 1800, T2=5, t=8) == pytest.approx(
        expected, rel=1e-6, abs=0.0
    )
    # sigma_p^2 d/N = 0.05; 3*0.5*10*0.05 = 0.75 above log 2.
    assert harmful.bound("H2").numeric(**v, C2=3, T1=5, t=15) == pytest.approx(
        np.log(2) + 0.75, rel=1e-6, abs=0.0
    )
    # growth: 4*0.6 + 2*2*0.01 + 1e-4*(sqrt(500)+1) = 2.442336; start: 0.3 + sqrt(2/pi)*0.01*5.
    growth, start = 2.4423360679775, 0.3 + 0.7978845608 * 0.05
    assert harmful.bound("H2d").numeric(
        **v, V_max_T1=0.3, u_T1=5.0, N_max=12, T1=5, t=15
    ) == pytest.approx(np.log(2) + start + 5 * growth, rel=1e-9, abs=0.0)
    # T1 paper: 3/(0.5*16^(1/4)*4) = 0.75; derived: 3*0.1/(0.5*2*2) = 0.15.
    assert benign.time("T1").numeric(**v, d_h=16, c1=3) == pytest.approx(0.75, rel=1e-6, abs=0.0)
    assert benign.time("T1", "derived").numeric(**v, c1=3) == pytest.approx(0.15, rel=1e-6, abs=0.0)
    # T3 derived: (3.4/4 + 1.1*0.1*20/(1e-4*1e4))/(0.5*0.01) = 3.05/0.005.
    assert benign.time("T3", "derived").numeric(
        **v, p=0.1, epsilon=0.01, a=3.4, b=1.1
    ) == pytest.approx(610, rel=1e-6, abs=0.0)
    # L = log(6*400*4/0.96) = log(10^4); T2 paper: 8/(0.5*4*L).
    assert benign.time("T2").numeric(**v, c2=8, delta=0.96) == pytest.approx(
        4 / np.log(1e4), rel=1e-6, abs=0.0
    )


def test_harmful_times_by_hand():
    # sigma_p^2 d/N = 0.05 takes the place of mu^2; L = log(10^4) as above.
    v = {"N": 20, "d": 1e4, "sigma_p": 0.01, "w": 2.0, "eta": 0.5, "d_h": 16, "delta": 0.96}
    assert harmful.time("T1").numeric(**v, c1=3) == pytest.approx(
        3 / (0.5 * 2 * 0.05 * 4), rel=1e-6, abs=0.0
    )
    expected = 8 / (0.5 * 0.05 * 4 * np.log(1e4))
    assert harmful.time("T2").numeric(**v, c2=8) == pytest.approx(expected, rel=1e-6, abs=0.0)
    assert harmful.time("T3").numeric(**v, c3=2, epsilon=0.01) == pytest.approx(
        2000, rel=1e-6, abs=0.0
    )
    # The benign T3 with mu^2 = 4: 2/(0.5*0.01*4*4).
    assert benign.time("T3").numeric(**v, c3=2, epsilon=0.01, mu=2.0) == pytest.approx(
        25, rel=1e-6, abs=0.0
    )
    assert harmful.condition.ratio(**v, mu=0.1, C0=0.5) == pytest.approx(10, rel=1e-6, abs=0.0)


def test_values_broadcast_and_scalars_give_floats():
    bound = benign.bound("B2")
    v = {"C2": 0.5, "k2": 0.1, "eta": 0.1, "mu": 2.0, "w": 1.0, "T1": 0}
    steps, flips = np.arange(5), np.array([[0.0], [0.1], [0.2]])
    grid = bound.numeric(**v, t=steps, p=flips)
    assert grid.shape == (3, 5)
    assert grid.dtype == np.float64
    assert grid[2, 3] == bound.numeric(**v, t=3, p=0.2)
    assert type(bound.numeric(**v, t=3, p=0.2)) is float
    # A constant bound takes the shape of the clock it is drawn against, and owns its memory.
    flat = benign.bound("B1").numeric(C1=0.3, p=0.1, t=steps)
    flat[0] = 7
    assert flat[1] == pytest.approx(0.4, rel=1e-6, abs=0.0)


def test_entropy_is_zero_without_flips_and_rises():
    values = evaluate(bayes_loss, {"p": np.linspace(0, 0.5, 11)})
    assert values[0] == 0
    assert np.all(np.diff(values) > 0)
    assert values[-1] == pytest.approx(np.log(2), rel=1e-6, abs=0.0)


def test_max_and_min_broadcast_with_constants():
    x, y = Symbol("x", positive=True), Symbol("y", positive=True)
    grid = evaluate(Max(1, x, y), {"x": [0.5, 2.0, 3.0], "y": 2.5})
    assert grid.tolist() == [2.5, 2.5, 3.0]
    assert evaluate(Min(1, x), {"x": np.array([[0.5], [2.0]])}).tolist() == [[0.5], [1.0]]


def test_log_of_a_sum_of_tiny_exponentials_and_of_squares():
    x = Symbol("x", positive=True)
    two_tails = log_expression(3 * exp(-x) + exp(-x - 1))
    assert evaluate(two_tails, {"x": 5000.0}) == pytest.approx(
        -5000 + float(log(3 + exp(-1))), rel=1e-15, abs=0.0
    )
    assert evaluate(log_expression((x - 7) ** 2), {"x": 4.0}) == pytest.approx(
        np.log(9), rel=1e-6, abs=0.0
    )
    assert evaluate(log_expression(-2 * (1 - x)), {"x": 4.0}) == pytest.approx(
        np.log(6), rel=1e-6, abs=0.0
    )


def test_every_constant_is_a_canonical_symbol_under_its_own_name():
    assert all(SYMBOLS[name].name == name for name in SYMBOLS)
    assert set(CONSTANTS) <= set(SYMBOLS.values())
    wanted = "N M d d_h d_v mu sigma_p sigma_h sigma_V w eta p epsilon delta t T1 T2 T3"
    assert set(wanted.split()) <= SYMBOLS.keys()
