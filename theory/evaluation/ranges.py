"""Checks of numeric arguments: if a value leaves its range, one line says which and why."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InvalidValueError


def as_numbers(name: str, value: ArrayLike) -> NDArray[np.float64]:
    """The value as a float64 array.

    Args:
        name: the argument's name, for the message.
        value: a number or an array of numbers.

    Raises:
        InvalidValueError: it is neither.

    >>> as_numbers("p", [0, 1])
    array([0., 1.])
    """
    try:
        array = np.asarray(value)
        if value is None or array.dtype.kind in "cSUMm" or _holds_text(array):
            raise TypeError
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise InvalidValueError(
            f"{name}: {str(value)[:40]!r} is not a number; pass a number or an array of numbers"
        ) from None


def _holds_text(array: NDArray[np.generic]) -> bool:
    """Whether an array of objects has text in it, which NumPy would read as numbers."""
    return array.dtype.kind == "O" and any(isinstance(x, str | bytes) for x in array.flat)


def checked_share(name: str, value: ArrayLike, top: float = 1.0) -> NDArray[np.float64]:
    """The value as an array, each entry in [0, top]; top = 1/2 itself is excluded.

    Args:
        name: the argument's name, for the message.
        value: a probability or a share of attention.
        top: upper end; 1/2 for flip probabilities.

    Raises:
        InvalidValueError: an entry is outside the range or not a number.

    >>> checked_share("failure", [0.0, 1.0])
    array([0., 1.])
    """
    array = as_numbers(name, value)
    closed = top != 0.5
    if not np.all((array >= 0) & ((array <= top) if closed else (array < top))):
        bracket = "]" if closed else ")"
        raise InvalidValueError(
            f"{name}: outside [0, {top:g}{bracket}; pass a probability in that range"
        )
    return array


def checked_scale(name: str, value: ArrayLike, *, zero: bool = False) -> NDArray[np.float64]:
    """The value as an array, each entry finite and above zero.

    Args:
        name: the argument's name, for the message.
        value: a scale such as a standard deviation or a norm.
        zero: whether zero is allowed too.

    Raises:
        InvalidValueError: an entry is not finite, or is negative or a forbidden zero.

    >>> checked_scale("noise_std", 0.5)
    array(0.5)
    """
    array = as_numbers(name, value)
    if not np.all(np.isfinite(array) & ((array >= 0) if zero else (array > 0))):
        wanted = "at least 0" if zero else "above 0"
        raise InvalidValueError(f"{name}: must be finite and {wanted}; pass it in plain units")
    return array


def checked_sign(name: str, value: ArrayLike) -> NDArray[np.float64]:
    """The value as an array of labels, each -1 or +1.

    Args:
        name: the argument's name, for the message.
        value: true or observed labels.

    Raises:
        InvalidValueError: an entry is neither.

    >>> checked_sign("observed", [-1, 1])
    array([-1.,  1.])
    """
    array = as_numbers(name, value)
    if not np.all(np.abs(array) == 1):
        raise InvalidValueError(f"{name}: labels are -1 or +1; pass no other value")
    return array


def plain(array: NDArray[np.float64]) -> float | NDArray[np.float64]:
    """A float where the array has no dimensions, else the array.

    >>> import numpy as np
    >>> plain(np.asarray(2.0))
    2.0
    """
    return array if array.ndim else float(array)
