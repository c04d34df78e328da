"""Numbers put into a formula whose other symbols stay, without a number SymPy cannot write."""

from collections.abc import Mapping

import numpy as np
from sympy import Add, Expr, Pow, Symbol, erfc, exp

from .errors import FormulaError
from .evaluation import evaluate
from .limits import NOT_REAL, is_long, not_real

#: Arguments up to which SymPy computes at once; beyond, it may compute for hours.
_LARGEST: dict[type[Expr], float] = {Pow: 1e5, exp: 1e8, erfc: 1e3}


def substituted(expr: Expr, mapping: Mapping[Symbol, Expr], what: str) -> Expr:
    """The expression with symbols replaced, all at once.

    Args:
        expr: a formula.
        mapping: new expressions or numbers by symbol.
        what: the formula's name, for error messages.

    Raises:
        FormulaError: it is no real number there, or holds numbers too large to be written out.

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
    if _would_grow(expr, numbers):
        raise FormulaError(f"{what}: {_TOO_LARGE}")
    try:
        built = expr.xreplace(mapping)
        real = not not_real(built)
    except (TypeError, ValueError):  # Max and Min of what is not real
        real = False
    if not real:
        raise FormulaError(f"{what}: {expr}: {NOT_REAL} with these numbers; give others")
    if is_long(built):
        raise FormulaError(f"{what}: {_TOO_LARGE}")
    return built


_TOO_LARGE = (
    "too large to be written out with these numbers; give smaller ones, or every symbol, "
    "and it is evaluated"
)


def _would_grow(expr: Expr, numbers: Mapping[Symbol, Expr]) -> bool:
    """Whether an exponent or argument would become a number that SymPy is slow with.

    Looked at in float64 beforehand, since SymPy computes powers of whole numbers exactly.
    """
    values = {str(symbol): float(value) for symbol, value in numbers.items()}
    for one in expr.atoms(*_LARGEST):
        argument = one.exp if isinstance(one, Pow) else one.args[0]
        # of an exponent eta + N the part N may be known by itself
        for part in {argument, *Add.make_args(argument)}:
            names = {str(symbol) for symbol in part.free_symbols}
            if names and names <= values.keys():
                size = np.abs(evaluate(part, {name: values[name] for name in names}))
                if not size <= _LARGEST[type(one)] and not np.isnan(size):
                    return True
    return False
