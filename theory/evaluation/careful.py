"""Evaluate formulas where float64 underflows or cancels, by walking their tree.

`needs_care` names the formulas for which compiled NumPy code may be wrong; `careful_value` is
right for these and the slow, obvious twin of the compiled code for all others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache, reduce

import numpy as np
from numpy.typing import NDArray
from sympy import (
    Abs,
    Add,
    Basic,
    Expr,
    Float,
    Function,
    Max,
    Min,
    Mul,
    Piecewise,
    Pow,
    Rational,
    Symbol,
    erf,
    erfc,
    exp,
    log,
)
from sympy.codegen.numpy_nodes import logaddexp
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue, Not, Or

from ..errors import FormulaError
from .expansions import (
    Expansion,
    absolute,
    chosen,
    expansion,
    fraction,
    larger,
    negative,
    product,
    quotient,
    total,
)  # fmt: skip
from .transcendental import error_function_complement, exponential, logarithm, power, raised

Array = NDArray[np.float64]

#: Decimal digits of numbers that are no fractions, such as pi.
_DIGITS = 40


@lru_cache(maxsize=512)
def needs_care(expr: Expr, absolute: bool = False) -> bool:
    """Whether float64 may lose a formula's value, to cancellation or to the range of numbers.

    Differences do, unless their terms are products of powers and logarithms of such, where only
    the rounding of the terms is lost; so do logarithms of what may be close to 1 or to 0, and
    roots of what may underflow where its root does not.

    Args:
        expr: a formula.
        absolute: whether it is a logarithm, of which a small absolute error does no harm.

    Example:
        >>> from sympy import symbols
        >>> t, x = symbols("t x", positive=True)
        >>> needs_care(log(1 + exp(-t))), needs_care(1 - exp(-t)), needs_care(x * exp(x - t))
        (True, True, False)
    """
    if not expr.free_symbols:
        return False
    if isinstance(expr, log) and not _has_plain_log(expr.args[0]):
        return True
    if isinstance(expr, Pow) and not expr.exp.is_integer and expr.base.has(exp, erfc, LowerTail):
        return True
    plain = absolute or not isinstance(expr, Add) or all(map(_is_tame, expr.args))
    if not plain and _is_difference(expr):
        return True
    sums = absolute and isinstance(expr, Add | Mul | Max | Min | logaddexp)
    return any(needs_care(part, sums) for part in expr.args if isinstance(part, Expr))


def _is_difference(expr: Add) -> bool:
    return not (
        all(term.is_nonnegative for term in expr.args)
        or all(term.is_nonpositive for term in expr.args)
    )


def _is_tame(expr: Expr) -> bool:
    """Whether it is made of products of powers, their sums, sizes and logarithms."""
    if isinstance(expr, Add | Mul | Max | Min | Abs):
        return all(map(_is_tame, expr.args))
    if isinstance(expr, Pow):
        whole = expr.exp.is_integer and expr.exp.is_positive
        return (
            bool(expr.exp.is_number) and (whole or _is_monomial(expr.base)) and _is_tame(expr.base)
        )
    if isinstance(expr, log):
        return _has_plain_log(expr.args[0])
    return isinstance(expr, Symbol) or bool(expr.is_number)


def _has_plain_log(expr: Expr) -> bool:
    """Whether it is a product of powers, or a sum of these without a number."""
    if isinstance(expr, Add):
        return all(_is_tame(term) and not term.is_number for term in expr.args)
    return _is_monomial(expr)


def _is_monomial(expr: Expr) -> bool:
    """Numbers times powers of symbols."""
    if isinstance(expr, Mul):
        return all(map(_is_monomial, expr.args))
    if isinstance(expr, Pow):
        return bool(expr.exp.is_number) and _is_monomial(expr.base)
    return isinstance(expr, Symbol) or bool(expr.is_number)


def careful_value(expr: Expr, arrays: Mapping[str, Array]) -> Expansion:
    """The value of a formula, whatever its size.

    Args:
        expr: a formula.
        arrays: float64 numbers by symbol name, broadcast against each other.

    Returns:
        An expansion of the broadcast shape, of as many dimensions as the array with the most.

    Raises:
        FormulaError: a function in it is not known here.

    Example:
        >>> from sympy import symbols
        >>> t = symbols("t", positive=True)
        >>> logarithm(careful_value(2 - 2 / (1 + exp(-t)), {"t": np.array([1e3, 2e3])})).head
        array([ -999.30685282, -1999.30685282])
    """
    dimensions = max((array.ndim for array in arrays.values()), default=0)
    return _Walk(
        {name: array.reshape((1,) * (dimensions - array.ndim) + array.shape)
         for name, array in arrays.items()},
        dimensions,
    ).value(expr)  # fmt: skip


class _Walk:
    """Values of the parts of one formula, each computed once."""

    def __init__(self, arrays: Mapping[str, Array], dimensions: int) -> None:
        self.arrays, self.dimensions = arrays, dimensions
        self.values: dict[Basic, Expansion] = {}

    def value(self, expr: Expr) -> Expansion:
        if expr not in self.values:
            self.values[expr] = self._value(expr)
        return self.values[expr]

    def _value(self, expr: Expr) -> Expansion:
        if isinstance(expr, Symbol):
            return expansion(self.arrays[str(expr)])
        if expr.is_number:
            return self._number(expr)
        if isinstance(expr, Mul):
            return self._product(expr)
        if isinstance(expr, Pow):
            return self._power(expr)
        if isinstance(expr, Piecewise):
            return self._piecewise(expr)
        for kind, function in _FUNCTIONS.items():
            if isinstance(expr, kind):
                return function(*(self.value(part) for part in expr.args))
        plain = expr.rewrite(exp)
        if plain == expr:
            raise FormulaError(
                f"{expr}: {type(expr).__name__} cannot be evaluated; write it with exp, log, "
                "sqrt, erfc, Abs, Max, Min and Piecewise"
            )
        return self.value(plain)

    def _number(self, expr: Expr) -> Expansion:
        exact = _number(expr)
        one = (1,) * self.dimensions
        return Expansion(
            exact.mantissa.reshape(2, *one), exact.exponent.reshape(2, *one),
            exact.error.reshape(one),
        )  # fmt: skip

    def _product(self, expr: Mul) -> Expansion:
        divided = _divided(expr)
        if divided != expr:
            return self.value(divided)
        above: list[Expr] = []
        below: list[Expr] = []
        for factor in expr.args:
            turned = isinstance(factor, Pow) and factor.exp.is_number and factor.exp.is_negative
            (below if turned else above).append(1 / factor if turned else factor)
        out = reduce(product, map(self.value, above)) if above else self._number(Rational(1))
        return quotient(out, reduce(product, map(self.value, below))) if below else out

    def _power(self, expr: Pow) -> Expansion:
        base = self.value(expr.base)
        exponent = expr.exp
        if not isinstance(exponent, Rational):
            return raised(base, self.value(exponent))
        exact = Fraction(int(exponent.p), int(exponent.q))
        if exact.denominator > 1 or abs(exact.numerator) <= 16:
            return power(base, exact)
        size = power(absolute(base), exact)
        odd = exact.numerator % 2 == 1
        return chosen((base.mantissa[0] < 0) & odd, negative(size), size)

    def _piecewise(self, expr: Piecewise) -> Expansion:
        shape = np.broadcast_shapes(*(array.shape for array in self.arrays.values()))
        out = expansion(np.full(shape, np.nan))
        for value, condition in reversed(expr.args):
            out = chosen(self._holds(condition), self.value(value), out)
        return out

    def _holds(self, condition: Basic) -> NDArray[np.bool_]:
        if isinstance(condition, BooleanTrue | BooleanFalse):
            return np.full((1,) * self.dimensions, bool(condition))
        if isinstance(condition, Not):
            return ~self._holds(condition.args[0])
        if isinstance(condition, And | Or):
            both = np.logical_and if isinstance(condition, And) else np.logical_or
            return np.asarray(reduce(both, map(self._holds, condition.args)))
        if not isinstance(condition, Relational):
            raise FormulaError(f"{condition}: is not an inequality")
        apart = total([self.value(condition.lhs), negative(self.value(condition.rhs))])
        compare = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
                   "==": np.equal, "!=": np.not_equal}[condition.rel_op]  # fmt: skip
        return np.asarray(compare(apart.mantissa[0], 0.0))


class LowerTail(Function):  # type: ignore[misc]  # sympy ships no types
    """erfc(-x), which SymPy would write as 2 - erfc(x)."""

    is_positive = True

    def _eval_evalf(self, prec: int) -> Expr:
        """Its digits where its argument is a number; SymPy asks by this name."""
        return erfc(-self.args[0])._eval_evalf(prec)


@lru_cache(maxsize=512)
def with_lower_tails(expr: Expr) -> Expr:
    """A formula with `LowerTail` for what SymPy made of erfc of a negative number.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", positive=True)
    >>> with_lower_tails(erfc(x) + erfc(-y))
    LowerTail(y) + erfc(x)
    """
    if not expr.has(erfc):
        return expr

    def turned(total: Add) -> Expr:
        number, terms = total.as_coeff_add()
        out = []
        for term in terms:
            factor, rest = term.as_coeff_Mul()
            if isinstance(rest, erfc) and factor < 0 and number + 2 * factor >= 0:
                number, term = number + 2 * factor, -factor * LowerTail(*rest.args)
            out.append(term)
        return Add(number, *out)

    return expr.replace(lambda part: isinstance(part, Add), turned)


@lru_cache(maxsize=1024)
def _number(expr: Expr) -> Expansion:
    """A number in a formula, to twice the digits of float64."""
    number = expr if isinstance(expr, Rational | Float) else expr.evalf(_DIGITS)
    if not (number.is_real and number.is_finite):
        return expansion(float(number) if number.is_extended_real else np.nan)
    return fraction(Fraction(*map(int, Rational(number).as_numer_denom())))


def _divided(expr: Mul) -> Expr:
    """The product with e^x/(e^x + y) written as 1/(1 + y e^-x), which cancels against 1."""
    for root in expr.args:
        if not (isinstance(root, Pow) and isinstance(root.base, Add) and root.exp.is_negative):
            continue
        for factor in expr.args:
            if not isinstance(factor, exp) or not factor.free_symbols:
                continue
            scale = factor ** (1 / root.exp)
            terms = [term * scale for term in root.base.args]
            if any(term.is_number for term in terms):
                others = [part for part in expr.args if part is not root and part is not factor]
                return Mul(*others, Pow(Add(*terms), root.exp))
    return expr


def _log_sum(x: Expansion, y: Expansion) -> Expansion:
    """log(e^x + e^y)."""
    high, low = larger(x, y), negative(larger(negative(x), negative(y)))
    one = expansion(np.ones((1,) * high.error.ndim))
    return total([high, logarithm(total([one, exponential(total([low, negative(high)]))]))])


_FUNCTIONS: dict[type[Basic], Callable[..., Expansion]] = {
    Add: lambda *terms: total(terms),
    exp: exponential,
    log: logarithm,
    erfc: error_function_complement,
    erf: lambda x: total([
        expansion(np.ones((1,) * x.error.ndim)), negative(error_function_complement(x))
    ]),
    LowerTail: lambda x: error_function_complement(negative(x)),
    Abs: absolute,
    Max: lambda *parts: reduce(larger, parts),
    Min: lambda *parts: negative(reduce(larger, map(negative, parts))),
    logaddexp: _log_sum,
}  # fmt: skip
