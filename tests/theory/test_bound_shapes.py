"""How the bounds move in time: monotone, above p, continuous, with the right limits."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Symbol, limit, oo
from theory_cells import at_step, cells, exact

from bofcheck.theory import benign, harmful
from bofcheck.theory.lemmas.identities import continuity_identities
from bofcheck.theory.symbols import C1, C2, C3, p, t


def clock(cell, stage, points=33):
    return np.linspace(cell[str(stage.start)], cell[str(stage.end)], points)


@pytest.mark.parametrize("number", [2, 3])
@given(cell=cells(deepest=50.0))
@settings(max_examples=30, deadline=None)
def test_benign_bounds_fall_and_stay_above_p(number, cell):
    stage = benign.stage(number)
    bound = stage.bounds_on("test_error")[0]
    steps = clock(cell, stage)
    values = bound.numeric(**{**cell, "t": steps})
    logs = bound.log_excess(**{**cell, "t": steps})
    assert np.all(np.diff(values) <= 0)
    assert np.all(np.diff(logs) < 0)
    assert np.all(values >= cell["p"])


@given(cell=cells())
@settings(max_examples=30, deadline=None)
def test_harmful_stage_two_rises_from_at_least_log_two(cell):
    stage = harmful.stage(2)
    for bound in stage.bounds:
        values = bound.numeric(**{**cell, "t": clock(cell, stage)})
        assert np.all(np.diff(values) >= 0)
        assert values[-1] > values[0] >= math.log(2)


@given(cell=cells(deepest=30.0))
@settings(max_examples=40, deadline=None)
def test_stages_meet_when_the_constants_are_tied(cell):
    first, second, third = (benign.continuous(benign.bound(name)) for name in ("B1", "B2", "B3"))
    at_T1, at_T2 = ({**cell, "t": cell[name]} for name in ("T1", "T2"))
    assert first.numeric(**at_T1) == pytest.approx(second.numeric(**at_T1), rel=1e-12, abs=0.0)
    assert second.log_excess(**at_T2) == pytest.approx(third.log_excess(**at_T2), abs=1e-9)
    # From the right, too: a step of 1e-9 of the stage moves the third bound by almost nothing.
    just_after = at_step(cell, benign.stage(3), 1e-9)
    assert exact(third.expr, just_after) == pytest.approx(
        second.numeric(**at_T2), rel=1e-9, abs=0.0
    )


def test_continuity_is_an_identity_and_only_with_the_tie():
    assert [i.holds() for i in continuity_identities(benign)] == [True, True]
    assert continuity_identities(harmful) == ()
    second, third = benign.bound("B2"), benign.bound("B3")
    assert (second.subs(t=benign.stage(2).end).expr - third.subs(t=benign.stage(2).end).expr) != 0
    assert set(benign.continuity) == {C1, C3}
    assert benign.continuity[C1] == C2


@pytest.mark.parametrize("name", ["B2", "B3"])
def test_limits_in_time(name):
    bound = benign.bound(name)
    start = benign.stage(int(name[1])).start
    assert limit(bound.expr, t, oo) == p
    assert bound.expr.subs(t, start) == p + Symbol(f"C{name[1]}", positive=True)


def test_third_stage_bound_is_flat_at_its_start_and_then_gaussian():
    bound = benign.bound("B3")
    assert bound.expr.diff(t).subs(t, benign.stage(3).start) == 0
    v = {
        "C3": 1.0,
        "k3": 0.5,
        "eta": 0.1,
        "mu": 2.0,
        "w": 1.0,
        "sigma_V": 0.5,
        "sigma_p": 1.0,
        "d": 16.0,
        "T2": 0,
    }
    one, three = (bound.log_excess(**v, t=steps) for steps in (10, 30))
    assert three / one == pytest.approx(9, rel=1e-6, abs=0.0)


@given(fraction=st.floats(0, 1), cell=cells())
@settings(max_examples=20, deadline=None)
def test_constant_bounds_do_not_move(fraction, cell):
    for theorem, name in ((benign, "B7"), (harmful, "H5")):
        now = at_step(cell, theorem.stage(3), fraction)
        assert theorem.bound(name).numeric(**now) == cell["epsilon"]
    assert harmful.bound("H6").numeric() == pytest.approx(
        0.5 * math.log1p(math.exp(-0.5)), rel=1e-6, abs=0.0
    )
