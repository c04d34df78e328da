"""Arithmetic that neither underflows nor cancels: sums of two floats with exponents of any size.

A number is head + tail, each a float64 mantissa and a binary exponent of its own, so that
1 + e^-1000000 keeps its second term and 1 - (1 - e^-1000000) is e^-1000000. Heads and tails are
added and multiplied without rounding error (Knuth's two-sum, Dekker's two-product), functions are
exact to float64 about the points where they cancel, and every number carries a bound of its
error: what cancels beyond it is known to be unknown. Slow, and used only where float64 fails.

Source: Shewchuk, Adaptive Precision Floating-Point Arithmetic, 1997, for sums of floats that do
not overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

#: Beyond this many binary digits apart, two floats do not overlap.
_APART = 200.0
_SPLITTER = 2.0**27 + 1.0


@dataclass(frozen=True)
class Expansion:
    """Numbers as head + tail, of one shape.

    Attributes:
        mantissa: (2, ...) of head and tail, 0 or of size in [1/2, 1); nan, inf in the head.
        exponent: (2, ...) binary exponents, whole numbers; 0 where the mantissa is 0.
        error: (...) log2 of the largest absolute error; -inf where the number is exact.

    Example:
        >>> one, tiny = expansion(1.0), exact(np.array(0.5), np.array(-1e6))
        >>> total([one, tiny, negative(one)]).size
        array(-1000001.)
    """

    mantissa: Array
    exponent: Array
    error: Array

    @property
    def head(self) -> Array:
        """(...) the number in float64, 0 or inf beyond its range."""
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            parts = [_scaled(m, e) for m, e in zip(self.mantissa, self.exponent, strict=True)]
            return np.asarray(parts[0] + np.where(np.isfinite(parts[0]), parts[1], 0.0))

    @property
    def size(self) -> Array:
        """(...) log2 of the absolute value of the head; -inf at 0."""
        return size_of(self.mantissa[0], self.exponent[0])

    def known(self, digits: float = 10.0, close: float = 0.0) -> NDArray[np.bool_]:
        """(...) whether the error leaves that many binary digits, or is at most ``close``."""
        nothing = (self.mantissa[0] == 0) & np.isneginf(self.error)
        with np.errstate(invalid="ignore", divide="ignore"):
            left = (self.size - self.error >= digits) | (self.error <= np.log2(close))
        return np.asarray(nothing | left | ~np.isfinite(self.mantissa[0]))


def expansion(value: ArrayLike) -> Expansion:
    """Float64 numbers as they are.

    >>> expansion([0.5, 3.0]).head
    array([0.5, 3. ])
    """
    array = np.asarray(value, dtype=np.float64)
    none = np.zeros_like(array)
    return normal([(array, none)], np.full(array.shape, -np.inf))


def fraction(value: Fraction) -> Expansion:
    """An exact fraction to 106 binary digits, of any size.

    >>> third = fraction(Fraction(1, 3))
    >>> bool(total([product(third, expansion(3.0)), expansion(-1.0)]).error < -100)
    True
    """
    parts, rest = [], value
    for _ in range(2):
        if rest == 0:
            break
        # the mantissa of a fraction whose float would be 0 or infinite
        shift = abs(rest.numerator).bit_length() - rest.denominator.bit_length()
        mantissa = float(rest / Fraction(2) ** shift)
        parts.append((np.asarray(mantissa), np.asarray(float(shift))))
        rest -= Fraction(mantissa) * Fraction(2) ** shift
    left = -np.inf if rest == 0 else float(
        abs(rest.numerator).bit_length() - rest.denominator.bit_length() + 1
    )  # fmt: skip
    return normal(parts or [(np.asarray(0.0), np.asarray(0.0))], np.asarray(left))


def exact(mantissa: Array, exponent: Array) -> Expansion:
    """A mantissa times a power of two, as it is."""
    return normal([(mantissa, exponent)], np.full(np.shape(mantissa), -np.inf))


def negative(x: Expansion) -> Expansion:
    """-x."""
    return Expansion(-x.mantissa, x.exponent, x.error)


def total(terms: Sequence[Expansion]) -> Expansion:
    """The sum of all terms at once: whatever of them cancels, cancels exactly."""
    parts = [(term.mantissa[i], term.exponent[i]) for term in terms for i in (0, 1)]
    error = terms[0].error
    for term in terms[1:]:
        error = both(error, term.error)
    return normal(parts, error)


def product(x: Expansion, y: Expansion) -> Expansion:
    """The product x·y."""
    parts = []
    # what is not finite has no tail
    finite = np.isfinite(x.mantissa[0]) & np.isfinite(y.mantissa[0])
    with np.errstate(invalid="ignore", over="ignore"):
        for i in (0, 1):
            for j in (0, 1):
                high, low = _two_product(x.mantissa[i], y.mantissa[j])
                low = np.where(finite, low, 0.0)
                high = high if i == j == 0 else np.where(finite, high, 0.0)
                shift = x.exponent[i] + y.exponent[j]
                parts += [(high, shift), (low, shift)]
        error = both(_times(x.size, y.error), _times(y.size, x.error))
        error = both(error, x.error + y.error)
    return normal(parts, error)


def quotient(x: Expansion, y: Expansion) -> Expansion:
    """The quotient x/y; NaN or infinite where y is 0."""
    rest, parts = x, []
    for _ in range(3):
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            digit = rest.mantissa[0] / y.mantissa[0]
        shift = rest.exponent[0] - y.exponent[0]
        parts.append((digit, shift))
        rest = total([rest, negative(product(exact(digit, shift), y))])
    # only the first digit may be infinite
    parts[1:] = [(np.where(np.isfinite(parts[0][0]), m, 0.0), e) for m, e in parts[1:]]
    # the remainder's error holds those of x and of y times the digits
    with np.errstate(invalid="ignore"):
        error = both(rest.size, rest.error)
        error = np.where(np.isneginf(error), -np.inf, error - y.size)
    return normal(parts, error)


def absolute(x: Expansion) -> Expansion:
    """|x|."""
    return chosen(x.mantissa[0] < 0, negative(x), x)


def larger(x: Expansion, y: Expansion) -> Expansion:
    """The larger of two numbers."""
    apart = total([x, negative(y)])
    out = chosen(~(apart.mantissa[0] < 0), x, y)
    out = chosen(np.isnan(y.mantissa[0]), y, out)
    unsure = np.where(apart.known(), out.error, np.maximum(x.error, y.error))
    return Expansion(out.mantissa, out.exponent, unsure)


def chosen(first: NDArray[np.bool_], x: Expansion, y: Expansion) -> Expansion:
    """Entries of x where ``first``, of y elsewhere."""
    return Expansion(
        np.where(first, x.mantissa, y.mantissa),
        np.where(first, x.exponent, y.exponent),
        np.where(first, x.error, y.error),
    )


def _scaled(mantissa: Array, exponent: Array) -> Array:
    return np.asarray(np.ldexp(mantissa, np.clip(exponent, -5000, 5000).astype(np.int64)))


def size_of(mantissa: Array, exponent: Array) -> Array:
    """log2 of the absolute value of a mantissa times a power of two; -inf at 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log2(np.abs(mantissa)) + exponent)


def _times(size: Array, error: Array) -> Array:
    """log2 of a product, in which an exact number has no error whatever it is multiplied by."""
    return np.where(np.isneginf(error) | np.isneginf(size), -np.inf, size + error)


def both(first: ArrayLike, second: ArrayLike) -> Array:
    """log2 of the sum of two errors."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.logaddexp2(first, second))


def normal(parts: Sequence[tuple[Array, Array]], error: Array) -> Expansion:
    """The sum of mantissas times powers of two as head and tail; what is left out is error."""
    shapes = [np.broadcast(m, e).shape for m, e in parts]
    shape = np.broadcast_shapes(*shapes, error.shape)
    parts = [part for part in parts if np.any(part[0])] or list(parts[:1])
    mantissa = np.stack([np.broadcast_to(m, shape) for m, _ in parts])
    exponent = np.stack([np.broadcast_to(e, shape) for _, e in parts])
    with np.errstate(invalid="ignore"):
        special = np.where(np.isfinite(mantissa), 0.0, mantissa).sum(axis=0)
    mantissa = np.where(np.isfinite(mantissa), mantissa, 0.0)
    mantissa, exponent = _distilled(*_split(mantissa, exponent))
    rest = np.full(shape, -np.inf)
    for m, e in zip(mantissa[2:], exponent[2:], strict=True):
        rest = both(rest, size_of(m, e))
    if len(mantissa) == 1:
        mantissa, exponent = (np.concatenate([x, np.zeros_like(x)]) for x in (mantissa, exponent))
    finite = special == 0
    head = np.stack([np.where(finite, mantissa[0], special), np.where(finite, mantissa[1], 0.0)])
    power = np.stack([np.where(finite, exponent[0], 0.0), np.where(finite, exponent[1], 0.0)])
    unknown = np.where(finite, both(error, rest), -np.inf)
    return Expansion(head, power, np.asarray(unknown))


def _split(mantissa: Array, exponent: Array) -> tuple[Array, Array]:
    """Mantissas in [1/2, 1), and 0 with exponent 0."""
    m, shift = np.frexp(mantissa)
    return m, np.where(m == 0, 0.0, exponent + shift)


def _distilled(mantissa: Array, exponent: Array) -> tuple[Array, Array]:
    """The same sums, with parts that do not overlap, largest first."""
    count = len(mantissa)
    for _ in range(2 * count):
        order = np.argsort(np.where(mantissa == 0, np.inf, -exponent), axis=0, kind="stable")
        mantissa = np.take_along_axis(mantissa, order, axis=0)
        exponent = np.take_along_axis(exponent, order, axis=0)
        before = mantissa.copy(), exponent.copy()
        for i in range(count - 1, 0, -1):
            high, low = _two_sum(mantissa[i - 1], exponent[i - 1], mantissa[i], exponent[i])
            mantissa[i - 1], exponent[i - 1] = high
            mantissa[i], exponent[i] = low
        if np.array_equal(before[0], mantissa) and np.array_equal(before[1], exponent):
            break
    return mantissa, exponent


def _two_sum(
    m1: Array, e1: Array, m2: Array, e2: Array
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Sum and rounding error, exactly; numbers far apart stay as they are."""
    apart = (np.abs(e1 - e2) > _APART) | (m1 == 0) | (m2 == 0)
    top = np.maximum(e1, e2)
    a = _scaled(m1, np.where(apart, 0.0, e1 - top))
    b = _scaled(m2, np.where(apart, 0.0, e2 - top))
    s = a + b
    back = s - a
    rest = (a - (s - back)) + (b - back)
    high, low = _split(s, top), _split(rest, top)
    swap = apart & ((m1 == 0) | ((m2 != 0) & (e2 > e1)))
    first = np.where(swap, m2, m1), np.where(swap, e2, e1)
    second = np.where(swap, m1, m2), np.where(swap, e1, e2)
    return (
        (np.where(apart, first[0], high[0]), np.where(apart, first[1], high[1])),
        (np.where(apart, second[0], low[0]), np.where(apart, second[1], low[1])),
    )


def _two_product(a: Array, b: Array) -> tuple[Array, Array]:
    """Product and rounding error, exactly, of mantissas below 1 in size."""
    p = a * b
    a1 = _SPLITTER * a - (_SPLITTER * a - a)
    b1 = _SPLITTER * b - (_SPLITTER * b - b)
    a2, b2 = a - a1, b - b1
    return p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2
