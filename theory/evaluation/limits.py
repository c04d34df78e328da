"""Limits on the numbers in a formula, so that SymPy stays fast and every value is real."""

import math

from sympy import Add, Expr, Float, Pow, Rational, nan, oo, zoo
from sympy.core.numbers import ImaginaryUnit

#: Largest exponent, and largest number; 1/MAX_NUMBER is the smallest.
MAX_EXPONENT, MAX_NUMBER = 100, 1e300
#: Binary digits of a fraction's numerator and denominator: somewhat over 600 decimal ones.
MAX_BITS = 2048
#: Denominator of an exponent.
_FINE = 1000

NOT_REAL = "a part of it is not a real number (a zero divisor, a root or log of a negative number)"


def size_of(number: Expr) -> float | None:
    """The absolute value of a number; inf where float64 ends, None where it is not real.

    >>> from sympy import Integer, sqrt
    >>> size_of(Integer(-2)), size_of(Integer(10) ** 400), size_of(sqrt(-2))
    (2.0, inf, None)
    """
    try:
        size = abs(float(number))
    except OverflowError:
        return math.inf
    except TypeError:
        return None
    return None if math.isnan(size) else size


def not_real(expr: Expr) -> bool:
    """Whether a part of an expression is certainly not a real number.

    >>> from sympy import Symbol, sqrt
    >>> not_real(sqrt(-Symbol("x", positive=True))), not_real(sqrt(Symbol("x")))
    (True, False)
    """
    if expr.has(nan, zoo, oo, -oo, ImaginaryUnit):
        return True
    roots = [power for power in expr.atoms(Pow) if power.base.is_Number and power.base.is_negative]
    if any(root.exp.is_integer is False for root in roots):
        return True
    return not expr.free_symbols and size_of(expr) is None


def is_long(expr: Expr) -> bool:
    """Whether a number in an expression has more digits than can reasonably be printed.

    9 ** (10**9 * x) has: to draw it, SymPy computes 9 ** 10**9.
    """
    if any(_bits(number) > MAX_BITS for number in expr.atoms(Rational)):
        return True
    for power in expr.atoms(Pow):
        base = power.base if power.base.is_number else power.base.as_coeff_Mul()[0]
        bits = max(map(_bits, base.atoms(Rational) - {1, -1}), default=0)
        factors = (term.as_coeff_Mul()[0] for term in Add.make_args(power.exp))
        if bits and any(abs(factor) * bits > MAX_EXPONENT * MAX_BITS for factor in factors):
            return True
    return False


def _bits(fraction: Rational) -> int:
    return int(max(abs(fraction.p), fraction.q).bit_length())


def is_fine(exponent: Expr) -> bool:
    """Whether an exponent is a fraction so fine that SymPy's exact roots take forever.

    >>> from sympy import Rational
    >>> is_fine(Rational(1, 3)), is_fine(Rational("0.66666667"))
    (False, True)
    """
    return bool(exponent.is_Rational and exponent.q > _FINE)


def why_beyond(expr: Expr) -> str | None:
    """Which number in an expression is beyond the limits; None if all are within them.

    SymPy merges powers of powers and products, so numbers can grow that nobody wrote.

    >>> from sympy import Symbol
    >>> why_beyond((Symbol("x", positive=True) ** 99) ** 99)
    'an exponent is beyond 100'
    """
    powers = expr.atoms(Pow)
    if any(power.exp.is_Number and abs(power.exp) > MAX_EXPONENT for power in powers):
        return f"an exponent is beyond {MAX_EXPONENT}"
    if is_long(expr):
        return "a fraction or power has more than 600 digits"
    numbers = expr.atoms(Rational, Float) | (set() if expr.free_symbols else {expr})
    if any(not _fits(number) for number in numbers):
        return f"a number is beyond {MAX_NUMBER:g} or one over it"
    return None


def _fits(number: Expr) -> bool:
    size = size_of(number)
    return size is None or bool(number == 0) or 1 / MAX_NUMBER <= size <= MAX_NUMBER
