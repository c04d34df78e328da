"""Properties of every formula at a thousand random cells: precision, symmetry, floors, rewrites."""

import math
from itertools import pairwise

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Add, Symbol, exp, expand, factor, powsimp, simplify, together
from theory_cells import at_step, cells, exact, log_uniform, names

from bofcheck import theory
from bofcheck.theory import SYMBOLS, benign, evaluate, harmful
from bofcheck.theory.evaluation.numbers import log_expression

THEOREMS = (benign, harmful)
STAGED = [(s, b) for theorem in THEOREMS for s in theorem.stages for b in s.bounds]
TIED = [benign.continuous(benign.bound(name)) for name in ("B1", "B2", "B3")]
STAGED.append((benign.stage(3), TIED[2]))
TIMES = [time for theorem in THEOREMS for time in theorem.times]
CONDITIONS = [theorem.condition for theorem in THEOREMS]
GROWTHS = [theory.SIGNAL_GROWTH, theory.NOISE_GROWTH, theory.GROWTH_RATIO]
EXPONENTIAL = [(s, b) for s, b in STAGED if b.excess.has(exp) and b.excess.free_symbols]
FULLY = settings(max_examples=400, deadline=None)
fractions = st.floats(0.1, 1)


def trimmed(cell, expr):
    """Only what the formula needs, so that a thousand cells stay quick."""
    return {name: cell[name] for name in names(expr)}


def formulas(cell, fraction):
    """(name, expression, cell with its clock set) of everything a problem's numbers give."""
    for stage, bound in STAGED:
        yield bound.name, bound.expr, at_step(cell, stage, fraction)
    for one in TIMES:
        yield one.name, one.expr, cell
    for one in CONDITIONS:
        yield one.name, one.room, cell
    for one in GROWTHS:
        yield one.quantity, one.expr, cell


INPUT_SCALE = {"mu": 1, "sigma_p": 1, "sigma_h": -1, "sigma_V": -1, "eta": -2, "u_T1": -1}
OUTPUT_SCALE = {"w": 1, "sigma_V": -1, "eta": -2}


FLOORS = {"test_error": lambda cell: cell["p"], "test_loss": lambda cell: math.log(2)}
LEAST = {bound.expr: FLOORS.get(bound.quantity) for _, bound in STAGED if bound.kind == "upper"}


@given(cell=cells(), fraction=st.floats(0, 1), s=log_uniform(1e-3, 1e3))
@FULLY
def test_float64_equals_fifty_digits_above_the_floor_at_every_scale(cell, fraction, s):
    for name, expr, at in formulas(cell, fraction):
        at = trimmed(at, expr)
        scales = [
            {key: x * s ** powers.get(key, 0) for key, x in at.items()}
            for powers in (INPUT_SCALE, OUTPUT_SCALE)
        ]
        values = evaluate(expr, {key: [at[key], *(one[key] for one in scales)] for key in at})
        value, inputs, output = values if at else [values] * 3
        assert value == pytest.approx(float(exact(expr, at)), rel=1e-12, abs=0.0), name
        # A rescaled input is rounded, and an exponent of 100 passes it on hundredfold.
        assert inputs == pytest.approx(value, rel=1e-11, abs=0.0), (name, "symmetry (i)")
        assert output == pytest.approx(value, rel=1e-11, abs=0.0), (name, "symmetry (ii)")
        if least := LEAST.get(expr):  # error bounds never below p, loss bounds below log 2
            assert value >= least(cell), name


@given(cell=cells(deepest=12_000.0), fraction=fractions)
@FULLY
def test_logarithms_equal_fifty_digits_beyond_e_to_minus_ten_thousand(cell, fraction):
    for stage, bound in EXPONENTIAL:
        at = trimmed(at_step(cell, stage, fraction), bound.excess)
        with mpmath.workdps(50):
            reference = float(mpmath.log(exact(bound.excess, at)))
        assert bound.log_excess(**at) == pytest.approx(reference, rel=1e-12, abs=1e-12)


@given(cell=cells(deepest=30.0), tiny=st.floats(1e-12, 1e-9))
@FULLY
def test_tied_stages_meet_from_both_sides(cell, tiny):
    for number, (before, after) in enumerate(pairwise(TIED), start=1):
        meeting = cell[f"T{number}"]
        left = before.log_excess(**trimmed({**cell, "t": meeting}, before.excess))
        beyond = {**cell, "t": meeting + tiny * (cell[f"T{number + 1}"] - meeting)}
        right = after.log_excess(**trimmed(beyond, after.excess))
        assert right == pytest.approx(left, rel=1e-9, abs=1e-6)


def through_another_symbol(expr):
    """Every w written as 1/x and back, in two steps."""
    w, x = SYMBOLS["w"], Symbol("x", positive=True)
    return expr.subs(w, 1 / x).subs(x, 1 / w)


REWRITES = [expand, factor, simplify, together, powsimp, through_another_symbol]
EXPRESSIONS = [
    *((f"excess {bound.name}", bound.excess, stage) for stage, bound in STAGED),
    *((time.name, time.expr, benign.stage(2)) for time in TIMES),
    *((one.name, one.room, benign.stage(2)) for one in CONDITIONS),
    *((law.quantity, law.expr, benign.stage(2)) for law in (*GROWTHS, theory.LOGIT_GAP)),
]
REWRITTEN = [
    (name, expr, stage, rewrite(expr))
    for name, expr, stage in EXPRESSIONS
    for rewrite in REWRITES
    if rewrite(expr) != expr
]


TERMS = (term.as_coeff_Mul() for term in expand(theory.LOGIT_GAP.expr).args)
LARGEST_GAP = Add(*(abs(number) * rest for number, rest in TERMS))


def test_the_rewrites_do_rewrite():
    assert len(REWRITTEN) >= 20
    assert {"excess B2", "excess B3", "excess H2d"} <= {name for name, *_ in REWRITTEN}


@given(cell=cells(), fraction=fractions)
@settings(max_examples=100, deadline=None)  # some sixty formulas each
def test_rewritten_formulas_give_the_same_numbers(cell, fraction):
    known = {}
    for name, expr, stage, rewritten in REWRITTEN:
        at = at_step(cell, stage, fraction)
        if expr not in known:
            known[expr] = exact(expr, trimmed(at, expr))
        value, scale = exact(rewritten, trimmed(at, rewritten)), abs(known[expr])
        if name == "logit_gap":  # its own terms cancel where noise wins
            scale = exact(LARGEST_GAP, trimmed(at, LARGEST_GAP))
        with mpmath.workdps(50):
            # Sums of large terms of both signs may lose some digits, not twenty.
            assert abs(value - known[expr]) <= 1e-30 * scale, (name, rewritten)


@given(cell=cells(deepest=12_000.0), fraction=st.floats(0.2, 1))
@settings(max_examples=200, deadline=None)
def test_rewritten_bounds_keep_their_logarithms_in_float64(cell, fraction):
    for name, expr, stage, rewritten in REWRITTEN:
        if expr.has(exp) and expr.free_symbols:
            at = trimmed(at_step(cell, stage, fraction), expr)
            plain, other = (evaluate(log_expression(one), at) for one in (expr, rewritten))
            # Expanding (t - T)^2 gives up the digits by which t exceeds t - T, squared.
            lost = (1 + at["t"] / (at["t"] - cell[str(stage.start)])) ** 2
            assert other == pytest.approx(plain, rel=1e-13 * lost, abs=1e-12 * lost), name
