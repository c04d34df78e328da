"""Values that a quantity cannot have, and what people mean by them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_SHARES = (
    "test_error",
    "test_error_drawn",
    "attention_clean",
    "attention_flipped",
    "attention_test",
    "fitted",
    "fitted_flipped",
    "residual_clean",
    "residual_all",
)
_SIZES = (
    "train_loss",
    "test_loss",
    "failure_prob_error",
    "value_norm",
    "output_norm",
    "v_noise_clean",
    "v_noise_flipped",
    "v_noise_max",
)

#: Least and greatest value of logged quantities; quantities of your own may have any.
RANGES: dict[str, tuple[float, float]] = {
    **dict.fromkeys(_SHARES, (0.0, 1.0)),
    **dict.fromkeys(_SIZES, (0.0, math.inf)),
}

#: Rounding in single precision may lead this far out of the range.
ROUNDING = 1e-6


def impossible(name: str, values: Array) -> NDArray[np.bool_]:
    """Which values a quantity cannot have; NaN was not measured.

    Args:
        name: the quantity.
        values: of any shape. Losses and norms of a run that diverged may be infinite.

    Example:
        >>> impossible("test_error", np.array([0.5, 50.0, -1.0, np.nan, np.inf]))
        array([False,  True,  True, False,  True])
        >>> impossible("train_loss", np.array([-0.1, np.inf])), impossible("mine", np.array([-9.0]))
        (array([ True, False]), array([False]))
    """
    low, high = RANGES.get(name, (-math.inf, math.inf))
    outside: NDArray[np.bool_] = (values < low - ROUNDING) | (values > high + ROUNDING)
    return outside


def complaint(name: str, value: float) -> str:
    """What is wrong with an impossible value, what is allowed, and what to do.

    >>> complaint("test_error", 50.0)
    'test_error = 50 is above 1; percent? divide by 100: test_error lies in [0, 1]'
    """
    low, high = RANGES[name]
    lies = f"{name} lies in [0, 1]" if high == 1 else f"{name} is at least 0"
    side = f"is below {low:g}" if value < low else f"is above {high:g}"
    if math.isinf(value):
        hint = f"nan marks a run that diverged, an empty field was not measured: {lies}"
    elif value == -1:
        hint = (
            "-1 for a run that failed? leave the field empty, or write nan if the run diverged: "
            f"{lies}"
        )
    elif high == 1 and 1 < value <= 100:
        hint = f"percent? divide by 100: {lies}"
    else:
        hint = f"{lies}; rename the column and the theorem's quantity if they mean another"
    return f"{name} = {value:g} {side}; {hint}"
