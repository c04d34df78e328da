"""Every bound, time and law moves with each symbol as the prose says: by algebra and by number."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from monotone_rows import CASES, ROWS
from sympy import Symbol, limit, log, oo, simplify, sqrt
from theory_cells import cells, names

from bofcheck.theory import LOGIT_GAP, SYMBOLS, T_GAP, benign, evaluate, harmful
from bofcheck.theory.symbols import C3, T2, eta, k3, mu, p, sigma_V, t, w

SINCE = Symbol("since", positive=True)  # steps since the stage began
ODDS = Symbol("odds", positive=True)  # 2p/(1 - 2p)
L = Symbol("L_minus_4", positive=True)  # L - 4: L is 5.2 at N = 2, delta = 1/2 already


def admissible(expr, clock):
    """The expression where the clock has passed the stage's start and p is below 1/2."""
    forms = {p: ODDS / (2 + 2 * ODDS), t: (SYMBOLS[clock] if clock else 0) + SINCE}
    return expr.subs(forms)


@pytest.mark.parametrize(
    ("name", "expr", "clock", "symbol", "sign"), CASES, ids=[f"{c[0]}-{c[3]}" for c in CASES]
)
def test_the_derivative_has_its_sign_everywhere(name, expr, clock, symbol, sign):
    slope = admissible(expr.diff(SYMBOLS[symbol]), clock)
    for inner in slope.atoms(log):
        if inner.has(SYMBOLS["delta"]):
            slope = slope.subs(inner, 4 + L)
    assert (simplify(slope) * sign).is_positive


def test_every_symbol_of_every_formula_has_its_direction():
    for name, expr, _, up, down in ROWS:
        named = {*up.split(), *down.split()}
        free = {str(symbol) for symbol in expr.free_symbols} - {"M"}
        # In the gap the other symbols only set the scale, whatever its sign.
        scale = {"eta", "mu", "w", "sigma_h", "d_h", "t"} if name == "logit_gap" else set()
        assert named | scale == free, name


def larger(cell, symbol, clock, factor):
    """A somewhat larger value of one symbol, still admissible."""
    now = cell[symbol]
    if symbol == "p":
        return now + (0.499 - now) * (1 - 1 / factor)
    if symbol == "t":
        return now + (factor - 1) * (now - cell[clock])
    if symbol in ("T1", "T2"):
        return now + (1 - 1 / factor) * (cell["t"] - now)
    if symbol in ("V_max_T1", "u_T1"):
        return now + factor - 1
    if symbol == "delta":
        return now + (1 - now) * (1 - 1 / factor)
    return now * factor


@given(cell=cells(deepest=50.0), fraction=st.floats(0.1, 1), factor=st.floats(1.01, 3))
@settings(max_examples=400, deadline=None)
def test_numbers_move_the_same_way(cell, fraction, factor):
    for name, expr, clock, up, down in ROWS:
        end = {"T1": "T2", "T2": "T3", None: "T3"}[clock]
        begin = cell[clock or "T1"]
        step = begin + fraction * (cell[end] - begin)
        at = {key: step if key == "t" else cell[key] for key in names(expr)}
        symbols = [*up.split(), *down.split()]
        signs = np.array([1] * len(up.split()) + [-1] * len(down.split()))
        columns = {key: np.full(len(symbols) + 1, at[key]) for key in at}
        for row, symbol in enumerate(symbols, start=1):
            columns[symbol][row] = larger(at, symbol, clock, factor)
        values = evaluate(expr, columns)
        change = signs * (values[1:] - values[0])
        assert np.all(change >= -1e-12 * abs(values[0])), (name, symbols, change)


@pytest.mark.parametrize("symbol", [t, eta, mu, w], ids=str)
def test_benign_bounds_fall_to_p(symbol):
    for name in ("B2", "B3"):
        clock = {"B2": "T1", "B3": "T2"}[name]
        bound = benign.bound(name).expr
        at = bound if symbol is t else bound.subs(t, SYMBOLS[clock] + SINCE)
        assert limit(at, symbol, oo) == p


def test_other_limits():
    third = benign.bound("B3").expr.subs(t, T2 + SINCE)
    assert limit(third, sigma_V, oo) == C3 + p
    assert limit(third, sigma_V, 0, "+") == p
    assert limit(third, k3, 0, "+") == C3 + p
    for name in ("H2", "H2d"):
        assert limit(harmful.bound(name).expr, t, oo) == oo
    assert harmful.bound("H2").excess.subs(t, SYMBOLS["T1"]) == 0
    assert limit(LOGIT_GAP.expr, t, 0) == 0
    many = limit(T_GAP.expr, SYMBOLS["N"], oo).subs(p, 0)
    assert many == 16 / (sqrt(SYMBOLS["d_h"]) * eta * mu**3 * SYMBOLS["sigma_h"] * w)
