"""Substitute numbers into a formula, and refuse those that SymPy could not write out."""

from collections.abc import Mapping

import numpy as np
from sympy import Add, Expr, Float, Pow, Symbol, erfc, exp

from ..errors import FormulaError
from .limits import MAX_EXPONENT, NOT_REAL, is_fine, is_long, not_real
from .numbers import evaluate

#: Largest exponents and arguments that SymPy computes at once; beyond, it may take hours.
_LARGEST: dict[type[Expr], float] = {Pow: 1e6, exp: 1e8, erfc: 1e3}


def substituted(expr: Expr, mapping: Mapping[Symbol, Expr], what: str) -> Expr:
    """The expression with symbols replaced, all at once.

    Args:
        expr: a formula.
        mapping: new expressions or numbers by symbol.
        what: the formula's name, for error messages.

    Raises:
        FormulaError: it is not a real number there, or holds numbers too large to write out.

    >>> from sympy import Integer, symbols
    >>> x, y = symbols("x y", positive=True)
    >>> substituted(y * x**x, {x: Integer(3)}, "demo")
    27*y
    >>> substituted(y * x**x, {x: Integer(10) ** 9}, "demo")
    Traceback (most recent call last):
        ...
    bofcheck.theory.errors.FormulaError: demo: too large to be written out with these numbers; ...
    """
    numbers = {
        symbol: value for symbol, value in mapping.items() if value.is_real and value.is_number
    }
    growth = _growth(expr, {str(symbol): float(value) for symbol, value in numbers.items()})
    if growth > _LARGEST[Pow]:
        raise FormulaError(f"{what}: {_TOO_LARGE}")
    if growth > MAX_EXPONENT:  # powers and roots of whole numbers are exact, to the last digit
        mapping = {**mapping, **{symbol: Float(value) for symbol, value in numbers.items()}}
    try:
        built = expr.xreplace(mapping)
        # first, because every other check is slow on a number of a million digits
        if is_long(built):
            raise FormulaError(f"{what}: {_TOO_LARGE}")
        real = not not_real(built)
    except FormulaError:
        raise
    except (TypeError, ValueError):  # Max and Min of what is not real
        real = False
    if not real:
        raise FormulaError(f"{what}: {expr}: {NOT_REAL} with these numbers; give others")
    return built


_TOO_LARGE = (
    "too large to be written out with these numbers; give smaller ones, or every symbol, "
    "and it is evaluated"
)


def _growth(expr: Expr, values: Mapping[str, float]) -> float:
    """The largest product of nested exponents that become numbers.

    Estimated in float64 beforehand; inf where an argument is too large for SymPy to be fast, and
    beyond `MAX_EXPONENT` for roots, which are to be approximate.
    """
    growth = max((_growth(argument, values) for argument in expr.args), default=1.0)
    kind = next((kind for kind in _LARGEST if isinstance(expr, kind)), None)
    if kind is None or not expr.free_symbols:
        return growth
    argument = expr.args[-1]
    if kind is Pow and is_fine(argument):
        growth = max(growth, 2.0 * MAX_EXPONENT)
    # in an exponent eta + N, the part N may be known on its own
    for part in {argument, *Add.make_args(argument)}:
        names = {str(symbol) for symbol in part.free_symbols}
        if names and names <= values.keys():
            size = float(np.abs(evaluate(part, {name: values[name] for name in names})))
            if not size <= _LARGEST[kind]:  # nor where nothing is known of it
                return np.inf
            if kind is Pow:
                growth *= max(size, 1.0)
                if not size.is_integer():
                    growth = max(growth, 2.0 * MAX_EXPONENT)
    return growth
