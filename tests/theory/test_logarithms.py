"""Logarithms of formulas against 60-digit arithmetic, from e^8 down to e^-1000000 and further."""

import math
import re
import time

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bofcheck.theory import (
    FAILURE_PROB,
    Bound,
    FormulaError,
    Provenance,
    TheoryError,
    evaluate,
    log_failure_prob,
)
from bofcheck.theory.evaluation.careful import careful_value, needs_care
from bofcheck.theory.evaluation.normal_tail import log_normal_tail
from bofcheck.theory.evaluation.numbers import log_expression
from bofcheck.theory.evaluation.transcendental import logarithm
from bofcheck.theory.theorem_file.expressions import parse_expression

NAMES = {name: sympy.Symbol(name, positive=True) for name in ("t", "x", "h")}
#: Beyond this argument an exponential is not drawn: its exponent alone has a million digits.
LARGEST = mpmath.mpf(10) ** 8


def log_of(text, **values):
    """The logarithm the package gives of a formula."""
    formula = parse_expression(text, NAMES)
    return evaluate(log_expression(formula), values, absolute=True)


class TooLargeError(Exception):
    pass


def exact(expr, values, digits):
    """The formula in arithmetic of that many digits, node by node."""
    with mpmath.workdps(digits):
        return _exact(expr, {name: mpmath.mpf(float(value)) for name, value in values.items()})


def _exact(expr, values):
    if expr.is_Symbol:
        return values[str(expr)]
    if expr.is_Rational:
        return mpmath.mpf(int(expr.p)) / int(expr.q)
    if expr.is_Float or expr is sympy.E:
        return sympy.N(expr, 2 * mpmath.mp.dps)._to_mpmath(mpmath.mp.prec)
    parts = [_exact(part, values) for part in expr.args]
    if isinstance(expr, sympy.exp):
        if abs(parts[0]) > LARGEST:
            raise TooLargeError
        return mpmath.exp(parts[0])
    if isinstance(expr, sympy.Pow):
        if parts[0] < 0 and parts[1] != int(parts[1]):
            raise TooLargeError
        return parts[0] ** parts[1]
    known = {
        sympy.Add: lambda *terms: mpmath.fsum(terms), sympy.Mul: lambda *terms: mpmath.fprod(terms),
        sympy.log: lambda x: mpmath.log(x) if x > 0 else mpmath.nan,
        sympy.erfc: mpmath.erfc, sympy.Max: max, sympy.Min: min, sympy.Abs: abs,
    }  # fmt: skip
    return next(function for kind, function in known.items() if isinstance(expr, kind))(*parts)


def settled(expr, values):
    """The value from 60 digits on, at twice as many until they agree; None if they do not."""
    digits, before = 60, None
    while digits <= 2000:
        value = exact(expr, values, digits)
        if before is not None and abs(value - before) <= abs(value) * mpmath.mpf(10) ** -30:
            return value
        digits, before = digits * 2, value
    return None


def trees():
    """Formulas of all allowed functions, three to a dozen nodes."""
    leaves = st.sampled_from(["t", "x", "h", "1", "2", "1/2", "3"])
    unary = ["exp(-({0}))", "log(1+{0})", "sqrt({0})", "erfc({0})", "abs({0})", "1-({0})",
             "1/(1+{0})", "log(1+exp(-({0})))", "1-exp(-({0}))", "({0})**2", "({0})**(1/3)",
             "1/(1+exp({0}))", "exp({0})/(1+exp({0}))"]  # fmt: skip
    binary = ["({0})+({1})", "({0})-({1})", "({0})*({1})", "({0})/({1})", "max({0},{1})",
              "min({0},{1})", "exp(-({0})*({1}))"]  # fmt: skip
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(str.format, st.sampled_from(unary), inner),
            st.builds(str.format, st.sampled_from(binary), inner, inner),
        ),
        max_leaves=4,
    )


sizes = st.one_of(
    st.floats(0.01, 50.0), st.sampled_from([1.0, 2.0, 17.0, 36.0, 40.0, 700.0, 1e4, 1e6])
)


def reference(text, values):
    """The formula and its exact value; rejects what cannot be built or is not positive."""
    try:
        formula = parse_expression(text, NAMES)
        value = settled(formula, values)
    except (TheoryError, TooLargeError, ZeroDivisionError):
        value = None
    assume(value is not None and mpmath.isfinite(value) and value > 0)
    return formula, value, {n: v for n, v in values.items() if n in map(str, formula.free_symbols)}


@settings(max_examples=150, deadline=None)
@given(trees(), sizes, sizes, sizes)
def test_logarithm_of_any_formula_is_right_or_unknown(text, t, x, h):
    formula, value, values = reference(text, {"t": t, "x": x, "h": h})
    arrays = {name: np.asarray(number) for name, number in values.items()}
    for got in (evaluate(log_expression(formula), values, absolute=True),
                float(logarithm(careful_value(formula, arrays)).head)):  # fmt: skip
        wanted = float(mpmath.log(value))
        assert math.isnan(got) or got == pytest.approx(wanted, rel=1e-9, abs=1e-8)


@settings(max_examples=100, deadline=None)
@given(trees(), sizes, sizes, sizes)
def test_value_of_any_formula_is_right_or_unknown(text, t, x, h):
    formula, value, values = reference(text, {"t": t, "x": x, "h": h})
    got, wanted = evaluate(formula, values), float(value)
    # float64's last digits are lost below 1e-308
    assert math.isnan(got) or got == pytest.approx(wanted, rel=2e-3, abs=1e-308)


def test_hardly_any_formula_is_unknown():
    """Of 150 drawn at a fixed seed, at most 2% of those that are positive."""
    rng = np.random.default_rng(0)
    unary = ["exp(-{0})", "log(1+{0})", "sqrt({0})", "erfc({0})", "1-exp(-{0})", "1/(1+exp({0}))",
             "log(1+exp(-{0}))", "exp({0})/(1+exp({0}))"]  # fmt: skip
    binary = ["({0})+({1})", "({0})-({1})", "({0})*({1})", "max({0},{1})", "min({0},{1})"]
    unknown = known = 0
    for _ in range(150):
        pair = [rng.choice(unary).format(rng.choice(["t", "x", "2*h"])) for _ in range(2)]
        text = rng.choice(binary).format(*pair)
        values = dict(zip("txh", rng.choice([0.3, 2.0, 30.0, 45.0, 800.0], 3), strict=True))
        formula = parse_expression(text, NAMES)
        values = {n: v for n, v in values.items() if n in map(str, formula.free_symbols)}
        value = settled(formula, values)
        if value is None or not value > 0:
            continue
        unknown += math.isnan(evaluate(log_expression(formula), values, absolute=True))
        known += 1
    assert known > 70
    assert unknown <= 0.02 * known


#: Each is exp(-t) to the leading order: the difference of its logarithm from -t tends to a number.
TAILS = {
    "exp(-t)": 0.0, "log(1+exp(-t))": 0.0, "1-1/(1+exp(-t))": 0.0, "1/(1+exp(t))": 0.0,
    "1-exp(t)/(1+exp(t))": 0.0, "2*exp(-t)-exp(-2*t)": math.log(2), "max(exp(-t),exp(-2*t))": 0.0,
    "min(exp(-t),1)": 0.0, "1-max(1-exp(-t),1/2)": 0.0, "sqrt(1+exp(-t))-1": -math.log(2),
    "(1+exp(-t))**(1/3)-1": -math.log(3), "1-exp(-exp(-t))": 0.0, "abs(exp(-2*t)-exp(-t))": 0.0,
    "log(1+log(1+exp(-t)))": 0.0, "1/(1-exp(-t))-1": 0.0, "exp(exp(-t))-1": 0.0,
    "1-sqrt(1-exp(-t))": -math.log(2), "exp(-t)/(1+exp(-t))": 0.0,
    "2-2/(1+exp(-t))": math.log(2), "(1+exp(-t))**2-1": math.log(2),
    "-log(1-exp(-t))": 0.0,
    "erfc(sqrt(t))*sqrt(t)": -0.5 * math.log(math.pi),
    "1-(1-exp(-t/2))*(1+exp(-t/2))": 0.0,
}  # fmt: skip


@pytest.mark.parametrize("t", [40.0, 800.0, 1e4, 1e6])
@pytest.mark.parametrize("text", TAILS)
def test_tails_are_known_however_small(text, t):
    assert log_of(text, t=t) == pytest.approx(-t + TAILS[text], rel=1e-12, abs=2 / t)


def test_one_less_half_of_erfc_of_minus_x_is_a_tail():
    # SymPy writes erfc(-x) as 2 - erfc(x)
    tail = log_normal_tail(30.0 * math.sqrt(2))
    assert log_of("1-erfc(-t)/2", t=30.0) == pytest.approx(tail, rel=1e-12, abs=0.0)


def test_what_rounding_hides_is_unknown_and_not_zero():
    # both logarithms of 2 are rounded, so nothing is known of their difference
    assert math.isnan(log_of("log(2+exp(-t))-log(2+exp(-2*t))", t=800.0))


def test_an_excess_of_zero_has_no_logarithm():
    assert log_of("max(0, 1-t)", t=2.0) == -math.inf
    assert math.isnan(log_of("1-t", t=2.0))


def test_overflow_inside_a_formula_does_not_lose_it():
    assert evaluate(parse_expression("exp(t)/(1+exp(t)+exp(2*t))", NAMES), {"t": 800.0}) == 0.0
    assert log_of("exp(t)/(1+exp(t)+exp(2*t))", t=800.0) == pytest.approx(-800.0, rel=1e-6, abs=0.0)
    assert log_of("exp(x*t)/exp(t)**2", t=1e4, x=1.5) == pytest.approx(-5000.0, rel=1e-6, abs=0.0)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sqrt(exp(-x)+exp(-t))", math.exp(-500)),
        ("(exp(-x)+exp(-t))**(1/1000000)", math.exp(-1e-3)),
        ("(1/(1+exp(t)))**h", math.exp(-1e-5)),
        ("erfc(t)**(h*h)", math.exp(-1e-10)),
    ],
)
def test_underflow_under_a_root_does_not_lose_it(text, value):
    formula = parse_expression(text, NAMES)
    values = {
        name: {"t": 1000.0, "x": 1400.0, "h": 1e-8}[name] for name in map(str, formula.free_symbols)
    }
    assert evaluate(formula, values) == pytest.approx(value, rel=1e-9)


def test_erfc_of_a_negative_number_is_a_number():
    assert evaluate(parse_expression("5-erfc(-1)-exp(-t)", NAMES), {"t": 1.0}) == pytest.approx(
        5 - math.erfc(-1) - math.exp(-1), rel=1e-12
    )
    assert log_of("1+erfc(-9)+exp(-t)", t=1.0) == pytest.approx(math.log(3 + math.exp(-1)))


def test_a_symbol_that_falls_out_of_the_logarithm_may_have_a_value():
    excess = parse_expression("max(exp(-x),2)**(1/3)", NAMES)
    bound = Bound("X", "loss", "upper", sympy.Integer(0), excess, (), Provenance.DERIVED, "test")
    np.testing.assert_allclose(bound.log_excess(x=[1.0, 2.0]), np.log(2) / 3)


def test_logarithms_that_sympy_cannot_compare_are_left_to_float64():
    assert log_of("min(1-1e-6**40,x)", x=2.0) == pytest.approx(0.0, abs=1e-12)
    assert log_of("min(1-1e-6**40,x)", x=0.5) == pytest.approx(math.log(0.5))


def test_an_exponent_beyond_1e300_is_unknown_and_not_another_number():
    assert math.isnan(log_of("log(1+t**(20*x))", t=3.3, x=1e300))
    assert log_of("log(1+t**(20*x))", t=3.3, x=1e200) == pytest.approx(
        math.log(20e200 * math.log(3.3))
    )


def test_an_infinite_constant_makes_an_infinite_bound():
    assert evaluate(parse_expression("x*exp(-t)", NAMES), {"x": np.inf, "t": 1e5}) == np.inf


@pytest.mark.parametrize("text", ["x*exp(-h*t)", "x*t**2/h", "exp(-h*(t-x)**2)", "1-2*x"])
def test_formulas_that_float64_evaluates_are_left_to_it(text):
    assert not needs_care(parse_expression(text, NAMES))


@settings(max_examples=60, deadline=None)
@given(st.floats(-30.0, 60.0), st.floats(-30.0, 60.0))
def test_failure_probability_is_right_at_any_number_of_standard_deviations(plus, minus):
    values = {"V_plus": plus, "V_minus": -minus, "sigma_p": 1.0, "value_norm": 1.0}
    wanted = math.exp(log_failure_prob(plus, -minus, 1.0, 1.0))
    assert FAILURE_PROB.numeric(**values) == pytest.approx(wanted, rel=1e-12, abs=0.0)


def test_unknown_function_is_named():
    t = NAMES["t"]
    with pytest.raises(FormulaError, match=re.escape("gamma cannot be evaluated")):
        careful_value(1 - sympy.gamma(t), {"t": np.asarray(2.0)})


def test_a_power_with_many_terms_does_not_keep_sympy_busy():
    formula = parse_expression("(1-(1+exp(1000000-t))/(2+exp(1000000-t)))**20", NAMES)
    began = time.perf_counter()
    assert evaluate(formula, {"t": 3.0}) == 0.0
    assert math.isnan(evaluate(log_expression(formula), {"t": 3.0}, absolute=True))
    assert time.perf_counter() - began < 5
