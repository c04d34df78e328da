"""Evaluate SymPy expressions in float64, in plain and in log space."""

import math
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import (
    Abs,
    Add,
    Expr,
    Max,
    Min,
    Mul,
    Pow,
    Symbol,
    exp,
    expand_log,
    log,
)
from sympy.codegen.numpy_nodes import logaddexp
from sympy.printing.numpy import NumPyPrinter

from ..errors import FormulaError, InvalidValueError, MissingValueError, label_list, nearest_hint
from ..symbols import DEFAULTS, SYMBOLS
from .careful import careful_value, needs_care, with_lower_tails
from .expansions import Expansion
from .normal_tail import erfc
from .ranges import as_numbers

Number = float | NDArray[np.float64]
Array = NDArray[np.float64]


#: Binary exponents beyond which numbers are infinite or 0.
_RANGE = 1100
#: Error of a logarithm that does no harm.
_CLOSE = 1e-9
#: Terms of a formula up to which it is multiplied out; SymPy takes 20 ms for each.
_EXPANDED = 200
#: Every whole number up to this one is a float64.
_WHOLE = 2**53


class _BroadcastingPrinter(NumPyPrinter):  # type: ignore[misc]  # sympy ships no types
    """NumPy code in which Max and Min broadcast like every other function, and erfc exists.

    Args:
        names: identifiers of the symbols, whose own names may be those of functions.
    """

    def __init__(self, names: Mapping[Symbol, str]) -> None:
        super().__init__()
        self._names = names

    def _print_Symbol(self, expr: Expr) -> str:
        return self._names[expr]

    def _print_Dummy(self, expr: Expr) -> str:
        return self._names[expr]

    def _print_ComplexInfinity(self, expr: Expr) -> str:
        return "numpy.nan"

    def _pairwise(self, name: str, expr: Expr) -> str:
        code: str = self._print(expr.args[0])
        for arg in expr.args[1:]:
            code = f"{self._module_format(name)}({code}, {self._print(arg)})"
        return code

    def _print_Max(self, expr: Expr) -> str:
        return self._pairwise("numpy.maximum", expr)

    def _print_Min(self, expr: Expr) -> str:
        return self._pairwise("numpy.minimum", expr)

    def _print_Integer(self, expr: Expr) -> str:
        # NumPy's functions take no whole number beyond 64 bits
        return str(expr.p) if abs(expr.p) <= _WHOLE else repr(float(expr.p))

    def _print_Rational(self, expr: Expr) -> str:
        exact = max(abs(expr.p), expr.q) <= _WHOLE
        return f"{expr.p}/{expr.q}" if exact else repr(float(expr))

    def _print_LowerTail(self, expr: Expr) -> str:
        return f"erfc(-({self._print(expr.args[0])}))"

    def _print_erfc(self, expr: Expr) -> str:
        return f"erfc({self._print(expr.args[0])})"


def sorted_symbols(expr: Expr) -> tuple[Symbol, ...]:
    """The free symbols of an expression, by name.

    >>> from ..symbols import snr
    >>> sorted_symbols(snr)
    (d, mu, sigma_p)
    """
    return tuple(sorted(expr.free_symbols, key=str))


@lru_cache(maxsize=4096)
def symbol_names(expr: Expr) -> frozenset[str]:
    """Names of the free symbols; SymPy would print each symbol again whenever it is asked.

    >>> from ..symbols import snr
    >>> sorted(symbol_names(snr))
    ['d', 'mu', 'sigma_p']
    """
    return frozenset(str(symbol) for symbol in expr.free_symbols)


@lru_cache(maxsize=512)
def _compiled(expr: Expr) -> tuple[tuple[str, ...], Callable[..., Any]]:
    # not lambdify, which rebuilds the formula for every symbol whose name is not a safe identifier
    symbols = sorted_symbols(expr)
    names = {symbol: f"s{i}" for i, symbol in enumerate(symbols)}
    code = _BroadcastingPrinter(names).doprint(expr)
    function = eval(f"lambda {', '.join(names.values())}: {code}", {"numpy": np, "erfc": erfc})
    return tuple(str(s) for s in symbols), function


def check_names(what: str, needed: Iterable[str], given: Iterable[str]) -> None:
    """Raise unless every needed symbol has a value and every given name is known.

    Args:
        what: the formula's name, for the message.
        needed: symbol names of the formula.
        given: names the caller passed; names in :data:`DEFAULTS` may be left out.

    Raises:
        MissingValueError: a needed name is absent, or a given name is neither canonical nor used.
    """
    needed, given = set(needed), set(given)
    missing = sorted(needed - given - DEFAULTS.keys())
    if missing:
        example = ", ".join(f"{name}=..." for name in missing)
        raise MissingValueError(
            f"{what}: no value for {', '.join(missing)}; pass every symbol by name ({example})"
        )
    unknown = sorted(given - needed - SYMBOLS.keys())
    if unknown:
        computed = "SNR" in map(str.upper, unknown)
        hint = " (SNR is computed from mu, sigma_p and d)" if computed else ""
        raise MissingValueError(
            f"{what}: unknown symbol {', '.join(unknown)}{hint}; "
            f"it uses {label_list(sorted(needed))}{nearest_hint(unknown[0], needed)}"
        )


def evaluate(
    expr: Expr,
    values: Mapping[str, ArrayLike],
    what: str = "expression",
    *,
    absolute: bool = False,
    of: Expr | None = None,
) -> Number:
    """The value of an expression in float64.

    Args:
        expr: any SymPy expression in named symbols.
        values: numbers or arrays by symbol name; arrays broadcast against each other. Canonical
            names the expression does not use are allowed and take part in broadcasting.
        what: the formula's name, for error messages.
        absolute: whether it is a logarithm, of which an absolute error of 1e-9 does no harm.
        of: the formula it was made from, whose names may have values even where they fell out.

    Returns:
        A float if every value is a scalar, else an array of the broadcast shape; NaN where the
        expression is not a real number, or so much of it cancels that nothing is known of it.

    Raises:
        MissingValueError: a symbol has no value, or a name is unknown.
        InvalidValueError: a value is not a number, or shapes do not fit.

    >>> from ..symbols import snr
    >>> evaluate(snr, {"mu": [2.0, 4.0], "sigma_p": 1.0, "d": 4})
    array([1., 2.])
    """
    expr = with_lower_tails(expr)
    names, function = _compiled(expr)
    dropped = frozenset() if of is None else symbol_names(of) - set(names)
    check_names(what, names, values.keys() - dropped)
    arrays = {name: as_numbers(f"{what}: {name}", value) for name, value in values.items()}
    try:
        shape = np.broadcast_shapes(*(array.shape for array in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items() if array.ndim)
        raise InvalidValueError(
            f"{what}: {shapes} do not broadcast; pass arrays of one shape, or of size 1"
        ) from None
    inputs = {n: arrays.get(n, np.asarray(DEFAULTS.get(n, np.nan))) for n in names}
    result = _careful(expr, inputs, absolute) if needs_care(expr, absolute) else None
    if result is None:
        result = _plain(function, inputs)
        # a part may have overflowed where the whole is an ordinary number
        lost = ~np.isfinite(result)
        if lost.any():
            result = _repaired(expr, inputs, result, lost, absolute)
    return np.broadcast_to(result, shape).copy() if shape else float(result)


def _plain(function: Callable[..., Any], inputs: Mapping[str, NDArray[np.float64]]) -> Array:
    """The compiled formula's values; NaN where they are not real."""
    # log(0) is a legitimate -inf, and both branches of a Piecewise are computed.
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        value = np.asarray(function(*inputs.values()))
        # a root of a negative number comes out complex; its real part alone would be a wrong value
        real = np.where(value.imag == 0, value.real, np.nan) if np.iscomplexobj(value) else value
        return np.asarray(real, dtype=np.float64)


def _careful(expr: Expr, inputs: Mapping[str, Array], absolute: bool) -> Array | None:
    """The values by `careful_value`, NaN where unknown; None if it does not know a function."""
    try:
        value = careful_value(expr, inputs)
        known = value.known(close=_CLOSE * absolute) | _beyond_float64(value)
        result = np.asarray(np.where(known, value.head, np.nan))
        # 1 - (1 - x)*(1 + x) cancels in two steps unless it is multiplied out
        expanded = expr if known.all() or _terms(expr) > _EXPANDED else expr.expand()
        if expanded != expr:
            value = careful_value(expanded, inputs)
            fill = ~known & value.known(close=_CLOSE * absolute)
            result = np.where(fill, value.head, result)
    except FormulaError:
        return None
    return result


def _beyond_float64(value: Expansion) -> NDArray[np.bool_]:
    """Where a number is infinite or 0 in float64, however little is known of its size."""
    with np.errstate(invalid="ignore"):
        large = (value.size > _RANGE) & (value.error <= value.size + 4)
        return np.asarray(large | ((value.size < -_RANGE) & (value.error < -_RANGE)))


@lru_cache(maxsize=512)
def _terms(expr: Expr) -> int:
    """How many terms a formula has at most when multiplied out, or a part of it."""
    if isinstance(expr, Pow) and expr.exp.is_Integer:
        base, times = _terms(expr.base), abs(int(expr.exp))
        return math.comb(base + times - 1, times)
    parts = [_terms(part) for part in expr.args if isinstance(part, Expr)]
    if isinstance(expr, Add):
        return sum(parts)
    return math.prod(parts) if isinstance(expr, Mul) else max(parts, default=1)


def _repaired(
    expr: Expr,
    inputs: Mapping[str, Array],
    result: Array,
    lost: NDArray[np.bool_],
    absolute: bool,
) -> Array:
    """Values with the lost computed again, with care, where all numbers of the formula are."""
    given = {name: np.broadcast_to(array, lost.shape) for name, array in inputs.items()}
    lost = lost & ~np.any([np.isnan(array) for array in given.values()], axis=0)
    if not lost.any():
        return result
    again = _careful(expr, {name: array[lost] for name, array in given.items()}, absolute)
    if again is None:
        return result
    out = result.copy()
    out[lost] = again
    return out


@lru_cache(maxsize=512)
def log_expression(expr: Expr) -> Expr:
    """An expression equal to log(expr) for expr >= 0 that never forms the small number itself.

    Products become sums, exponentials become their argument, a sum of exponentials becomes
    a chain of ``logaddexp``, and the largest of several the largest of their logarithms.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", positive=True)
    >>> log_expression(y * exp(-(x**2)))
    -x**2 + log(y)
    """
    if isinstance(expr, Mul) and not any(factor.is_negative for factor in expr.args):
        return Add(*(log_expression(factor) for factor in expr.args))
    if isinstance(expr, exp):
        return expr.args[0]
    if isinstance(expr, Pow):
        base = Abs(expr.base) if expr.exp.is_even else expr.base
        return expr.exp * log_expression(base)
    if isinstance(expr, Max | Min) and all(map(_is_nonnegative, expr.args)):
        try:
            return expr.func(*map(log_expression, expr.args))
        except ValueError:  # SymPy cannot tell which of two logarithms is larger
            return log(expr)
    if isinstance(expr, Add) and expr.has(exp) and all(_is_nonnegative(x) for x in expr.args):
        total, *rest = (log_expression(term) for term in expr.args)
        for term in rest:
            total = logaddexp(total, term)
        return total
    return expand_log(log(expr))


def _is_nonnegative(term: Expr) -> bool:
    return bool(term.is_nonnegative)
