"""Powers, exponentials, logarithms and erfc of expansions, exact about where they cancel."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from .expansions import (
    Array,
    Expansion,
    absolute,
    both,
    chosen,
    exact,
    expansion,
    fraction,
    negative,
    normal,
    product,
    quotient,
    size_of,
    total,
)  # fmt: skip

#: Exponents up to this size are whole numbers with digits to spare.
_LARGEST = 2.0**50
#: Binary exponent below which a series of two terms is exact to float64.
_SMALL = -30.0
#: log2 of the relative error of a library function of float64.
_FUNCTION = -50.0
_LOG2 = fraction(
    Fraction(
        "0.693147180559945309417232121458176568075500134360255254120680009493393621969694715606"
    )
)


def power(x: Expansion, exponent: Fraction) -> Expansion:
    """X to a fixed power: by products and roots where these are few, else by logarithms."""
    if exponent.denominator in (1, 2) and abs(exponent.numerator) <= 16:
        base = x if exponent.denominator == 1 else _root(x)
        out = expansion(np.ones(x.error.shape))
        for _ in range(abs(exponent.numerator)):
            out = product(out, base)
        return out if exponent >= 0 else quotient(expansion(np.ones(x.error.shape)), out)
    return raised(x, fraction(exponent))


def raised(x: Expansion, exponent: Expansion) -> Expansion:
    """X > 0 to any power; NaN where x is negative."""
    nothing = (x.mantissa[0] == 0) & np.isneginf(x.error) & (exponent.mantissa[0] > 0)
    out = exponential(product(exponent, logarithm(x)))
    return chosen(nothing, expansion(np.zeros(x.error.shape)), out)


def _root(x: Expansion) -> Expansion:
    """The square root, by one step of Newton's after float64's."""
    odd = np.mod(x.exponent[0], 2.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        head = np.sqrt(x.mantissa[0] * np.where(odd == 1, 2.0, 1.0))
        shift = (x.exponent[0] - odd) / 2
        first = exact(head, shift)
        rest = total([x, negative(product(first, first))])
        step = np.where(head > 0, rest.mantissa[0] / (2 * head), 0.0)
        second = total([first, exact(step, rest.exponent[0] - shift)])
        rest = total([x, negative(product(second, second))])
        error = both(rest.size, rest.error)
        slope = np.where(head > 0, error - 1 - first.size, error / 2)
    return Expansion(second.mantissa, second.exponent, np.where(np.isneginf(error), error, slope))


def exponential(x: Expansion) -> Expansion:
    """e^x, as 1 + (e^x - 1) where x is small."""
    out = _either(x.size < -1, lambda: _exponential_near_0(x), lambda: _exponential_far(x))
    # an exponent beyond float64 is as good as infinite, if its sign is known
    at = np.where(x.known(2.0), x.head, x.mantissa[0])
    return _with_ends(out, at, {np.inf: np.inf, -np.inf: 0.0, np.nan: np.nan})


def _exponential_near_0(x: Expansion) -> Expansion:
    less_1 = _either(x.size < _SMALL, lambda: _series(x, 1), lambda: _function(x, np.expm1))
    out = total([_constant(1.0, x), less_1])
    # near 1 the error of x is an absolute error
    return Expansion(out.mantissa, out.exponent, both(out.error, x.error + 1))


def _exponential_far(x: Expansion) -> Expansion:
    h = x.head
    with np.errstate(invalid="ignore", over="ignore"):
        ordinary = np.abs(h) < _LARGEST
        steps = np.where(ordinary, np.rint(h / math.log(2)), 0.0)
        rest = total([x, negative(product(expansion(steps), _LOG2))])
        mantissa = np.exp(np.where(ordinary, rest.head, 0.0))
        # beyond, only the size of the logarithm is known, and beyond 1e300 not even that
        binary = np.where(ordinary, steps, h / math.log(2))
        shift = np.clip(binary, -1e300, 1e300)
        relative = both(_FUNCTION, x.error)
        relative = np.where(ordinary, relative, np.maximum(relative, 0.0))
        relative = np.where(binary == shift, relative, np.abs(binary - shift))
        return normal([(mantissa, shift)], size_of(mantissa, shift) + relative)


def logarithm(x: Expansion) -> Expansion:
    """The natural logarithm, from x - 1 where x is near 1; NaN below 0, -inf at 0.

    >>> one, tiny = expansion(1.0), exponential(expansion(-1e6))
    >>> logarithm(total([one, tiny, negative(one)])).head
    array(-1000000.)
    """
    above = total([x, _constant(-1.0, x)])
    near = (above.size < -2) & (x.mantissa[0] > 0)
    out = _either(near, lambda: _logarithm_near_1(x, above), lambda: _logarithm_far(x))
    # what is 0 but for an error may be anything
    nothing = np.where(np.isneginf(x.error), -np.inf, np.nan)
    out = chosen(x.mantissa[0] == 0, expansion(nothing), out)
    out = chosen(x.mantissa[0] < 0, _constant(np.nan, x), out)
    return _with_ends(out, x.mantissa[0], {np.inf: np.inf, np.nan: np.nan})


def _logarithm_near_1(x: Expansion, above: Expansion) -> Expansion:
    out = _either(
        above.size < _SMALL, lambda: _series(above, -1), lambda: _function(above, np.log1p)
    )
    return Expansion(out.mantissa, out.exponent, both(out.error, x.error + 1))


def _logarithm_far(x: Expansion) -> Expansion:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        head, tail = np.log(np.abs(x.mantissa[0])), x.mantissa[1] / x.mantissa[0]
        tail = np.where(np.isfinite(tail), tail, 0.0)
        relative = both(x.error - x.size, _FUNCTION - 3)
    shift = product(expansion(x.exponent[0]), _LOG2)
    parts = [(shift.mantissa[0], shift.exponent[0]), (shift.mantissa[1], shift.exponent[1])]
    parts += [(head, np.zeros_like(head)), (tail, x.exponent[1] - x.exponent[0])]
    return normal(parts, both(relative, shift.error))


def error_function_complement(x: Expansion) -> Expansion:
    """erfc(x): 1 - erf(x) near 0, scaled in the upper tail, 2 less that in the lower."""
    out = _either(x.size < -1, lambda: _erfc_near_0(x), lambda: _erfc_far(x))
    return _with_ends(out, x.mantissa[0], {np.inf: 0.0, -np.inf: 2.0, np.nan: np.nan})


def _erfc_near_0(x: Expansion) -> Expansion:
    from scipy.special import erf  # a second's import, for few formulas

    slope = _constant(2 / math.sqrt(math.pi), x)
    small = _either(x.size < _SMALL, lambda: product(x, slope), lambda: _function(x, erf))
    small = Expansion(small.mantissa, small.exponent, both(small.error, small.size + _FUNCTION))
    out = total([_constant(1.0, x), negative(small)])
    # the slope is at most 2/sqrt(pi)
    return Expansion(out.mantissa, out.exponent, both(out.error, x.error + 1))


def _erfc_far(x: Expansion) -> Expansion:
    from scipy.special import erfcx

    size = absolute(x)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        scaled = expansion(np.asarray(erfcx(size.head)))
    scaled = Expansion(scaled.mantissa, scaled.exponent, scaled.size + _FUNCTION)
    tail = product(scaled, exponential(negative(product(size, size))))
    return _either(
        x.mantissa[0] > 0, lambda: tail, lambda: total([_constant(2.0, x), negative(tail)])
    )


def _either(
    first: NDArray[np.bool_], x: Callable[[], Expansion], y: Callable[[], Expansion]
) -> Expansion:
    """Entries of x where ``first``, of y elsewhere; what has no entry is not computed."""
    if np.all(first):
        return x()
    return chosen(first, x(), y()) if np.any(first) else y()


def _with_ends(out: Expansion, at: Array, ends: Mapping[float, float]) -> Expansion:
    """A function's values with those at infinite arguments and NaN."""
    if np.all(np.isfinite(at)):
        return out
    for end, value in ends.items():
        here = np.isnan(at) if np.isnan(end) else at == end
        out = chosen(here, expansion(np.full(at.shape, value)), out)
    return out


def _constant(value: float, like: Expansion) -> Expansion:
    return expansion(np.full(like.error.shape, value))


def _function(x: Expansion, function: np.ufunc) -> Expansion:
    """A function that is about x near 0, in float64, off by its rounding alone."""
    with np.errstate(all="ignore"):
        value = expansion(function(np.where(x.exponent[0] <= 1, x.head, np.nan)))
    return Expansion(value.mantissa, value.exponent, value.size + _FUNCTION)


def _series(x: Expansion, sign: int) -> Expansion:
    """Give x + sign·x²/2: e^x - 1 or log(1 + x), of small x, to float64."""
    square = product(x, x)
    half = Expansion(sign * square.mantissa, square.exponent - 1, square.error - 1)
    out = total([x, half])
    cube = np.where(np.isfinite(x.size), 3 * x.size, -np.inf)
    return Expansion(out.mantissa, out.exponent, both(out.error, cube))
