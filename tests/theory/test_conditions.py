"""Conditions: room above 1 exactly where they hold, whichever way they point."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from sympy import Symbol, log, sqrt
from theory_cells import cells, log_uniform

from bofcheck.theory import Condition, FormulaError, Provenance, benign, evaluate, harmful, snr
from bofcheck.theory.assumptions import ASSUMPTIONS
from bofcheck.theory.symbols import C0, N, delta, eta, mu, p


def condition(left, relation, right):
    return Condition("demo", left, relation, right, Provenance.DERIVED, "here")


@given(cell=cells())
@settings(max_examples=40, deadline=None)
def test_room_and_verdict_agree(cell):
    n_snr2 = cell["N"] * cell["mu"] ** 2 / (cell["sigma_p"] ** 2 * cell["d"])
    for theorem, strength in ((benign, n_snr2), (harmful, 1 / n_snr2)):
        ratio = theorem.condition.ratio(**cell)
        assert ratio == pytest.approx(strength / cell["C0"], rel=1e-12, abs=0.0)
        assert theorem.condition.holds(**cell) is (ratio >= 1)


@given(cell=cells(), constant=log_uniform(1.0001, 100))
@settings(max_examples=40, deadline=None)
def test_the_two_regimes_exclude_each_other(cell, constant):
    cell = {**cell, "C0": constant}
    assert not (benign.condition.holds(**cell) and harmful.condition.holds(**cell))


def test_relations_point_the_right_way():
    assert condition(N, ">=", C0).ratio(N=10, C0=5) == 2
    assert condition(N, "<=", C0).ratio(N=10, C0=5) == 0.5
    assert condition(N, "<=", C0).holds(N=5, C0=5) is True
    assert condition(N, "<", C0).holds(N=5, C0=5) is False
    assert condition(p, "<=", 1 / C0).ratio(p=0, C0=5) == math.inf


def test_conditions_broadcast():
    holds = condition(N, ">=", C0).holds(N=np.array([1, 2, 3]), C0=2)
    assert holds.tolist() == [False, True, True]


def test_conditions_render_and_reject_unknown_relations():
    assert benign.condition._repr_latex_().startswith(r"$\displaystyle")
    assert condition(snr, "<", 1).latex().endswith("< 1")
    with pytest.raises(FormulaError, match=r"^demo: relation is '>'; use one of"):
        condition(N, ">", C0)


@pytest.mark.parametrize(
    ("left", "relation", "right", "values", "met"),
    [
        (log(eta), ">=", log(delta), {"eta": 0.1, "delta": 0.5}, False),
        (log(eta), ">=", log(delta), {"eta": 0.5, "delta": 0.1}, True),
        (log(eta), "<=", 2, {"eta": 0.1}, True),
        (2, "<=", log(eta), {"eta": 0.1}, False),
        (mu - N, "<=", 3, {"mu": 1.0, "N": 10.0}, True),
        (mu - N, ">=", 3, {"mu": 1.0, "N": 10.0}, False),
        (mu - N, ">=", -9, {"mu": 1.0, "N": 10.0}, True),
        (mu - N, "<", -9, {"mu": 1.0, "N": 10.0}, False),
        (mu - N, "<", mu - N + 1, {"mu": 1.0, "N": 10.0}, True),
        (mu - N, ">=", 0, {"mu": 10.0, "N": 10.0}, True),
        (sqrt(mu - N), ">=", -1, {"mu": 1.0, "N": 10.0}, False),
    ],
)
def test_sides_that_are_not_positive_are_compared_as_they_are(left, relation, right, values, met):
    asked = condition(left, relation, right)
    assert asked.holds(**values) is met
    sides = [float(evaluate(one, values)) for one in (asked.left, asked.right)]
    if min(sides) < 0:
        assert math.isnan(asked.ratio(**values))


@given(cell=cells(), constant=log_uniform(1e-6, 1e6))
@settings(max_examples=60, deadline=None)
def test_the_papers_conditions_decide_by_their_ratio(cell, constant):
    cell = {**cell, "C0": constant, "C": constant}
    for asked in (benign.condition, harmful.condition, *ASSUMPTIONS):
        ratio = evaluate(asked.room, cell)
        assert asked.ratio(**cell) == ratio
        assert asked.holds(**cell) is (ratio > 1 if asked.relation == "<" else ratio >= 1)


def test_a_symbol_of_ones_own_may_cancel():
    x = Symbol("x", positive=True)
    asked = condition(N * x, ">=", 3 * x)
    assert asked.ratio(N=6.0, x=2.0) == 2
    assert asked.holds(N=np.array([1.0, 6.0]), x=2.0).tolist() == [False, True]
