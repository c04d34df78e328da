"""Evaluate SymPy expressions in float64, in plain and in log space."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import Abs, Add, Dummy, Expr, Mul, Pow, Symbol, exp, expand_log, lambdify, log, nan, zoo
from sympy.codegen.numpy_nodes import logaddexp
from sympy.printing.numpy import NumPyPrinter

from ..errors import InvalidValueError, MissingValueError, label_list
from ..symbols import DEFAULTS, SYMBOLS
from .normal_tail import erfc
from .ranges import as_numbers

Number = float | NDArray[np.float64]


#: Every whole number up to this one is a float64.
_WHOLE = 2**53


class _BroadcastingPrinter(NumPyPrinter):  # type: ignore[misc]  # sympy ships no types
    """NumPy code in which Max and Min broadcast like every other function, and erfc exists."""

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

    def _print_erfc(self, expr: Expr) -> str:
        return f"erfc({self._print(expr.args[0])})"


def sorted_symbols(expr: Expr) -> tuple[Symbol, ...]:
    """The free symbols of an expression, by name.

    >>> from ..symbols import snr
    >>> sorted_symbols(snr)
    (d, mu, sigma_p)
    """
    return tuple(sorted(expr.free_symbols, key=str))


@lru_cache(maxsize=512)
def _compiled(expr: Expr) -> tuple[tuple[str, ...], Callable[..., Any]]:
    symbols = sorted_symbols(expr)
    printer = _BroadcastingPrinter({"fully_qualified_modules": False})
    # lambdify puts symbols and numpy into one namespace: a symbol may have a function's name
    stand_ins = {symbol: Dummy(f"s{i}", **symbol.assumptions0) for i, symbol in enumerate(symbols)}
    function = lambdify(
        tuple(stand_ins.values()), expr.xreplace({**stand_ins, zoo: nan}),
        modules=[{"erfc": erfc}, "numpy"], printer=printer,
    )  # fmt: skip
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
            f"it uses {label_list(sorted(needed))}"
        )


def evaluate(expr: Expr, values: Mapping[str, ArrayLike], what: str = "expression") -> Number:
    """The value of an expression in float64.

    Args:
        expr: any SymPy expression in named symbols.
        values: numbers or arrays by symbol name; arrays broadcast against each other. Canonical
            names the expression does not use are allowed and take part in broadcasting.
        what: the formula's name, for error messages.

    Returns:
        A float if every value is a scalar, else an array of the broadcast shape; NaN where the
        expression is not a real number.

    Raises:
        MissingValueError: a symbol has no value, or a name is unknown.
        InvalidValueError: a value is not a number, or shapes do not fit.

    >>> from ..symbols import snr
    >>> evaluate(snr, {"mu": [2.0, 4.0], "sigma_p": 1.0, "d": 4})
    array([1., 2.])
    """
    names, function = _compiled(expr)
    check_names(what, names, values)
    arrays = {name: as_numbers(f"{what}: {name}", value) for name, value in values.items()}
    try:
        shape = np.broadcast_shapes(*(array.shape for array in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items() if array.ndim)
        raise InvalidValueError(
            f"{what}: {shapes} do not broadcast; pass arrays of one shape, or of size 1"
        ) from None
    inputs = (arrays[n] if n in arrays else np.float64(DEFAULTS[n]) for n in names)
    # log(0) is a legitimate -inf, and both branches of a Piecewise are computed.
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        value = np.asarray(function(*inputs))
        # a root of a negative number comes out complex; its real part alone would be a wrong value
        real = np.where(value.imag == 0, value.real, np.nan) if np.iscomplexobj(value) else value
        result = np.asarray(real, dtype=np.float64)
    return np.broadcast_to(result, shape).copy() if shape else float(result)


@lru_cache(maxsize=512)
def log_expression(expr: Expr) -> Expr:
    """An expression equal to log(expr) for expr >= 0 that never forms the small number itself.

    Products become sums, exponentials become their argument, and a sum of exponentials becomes
    a chain of ``logaddexp``.

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
    if isinstance(expr, Add) and expr.has(exp) and all(_is_nonnegative(x) for x in expr.args):
        total, *rest = (log_expression(term) for term in expr.args)
        for term in rest:
            total = logaddexp(total, term)
        return total
    return expand_log(log(expr))


def _is_nonnegative(term: Expr) -> bool:
    return bool(term.is_nonnegative)
