"""Limits of a quantile from order statistics: exact for any continuous scatter."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

Array = NDArray[np.float64]


def quantile_limits(values: Array, share: float, miss: float) -> tuple[float, float]:
    """Order statistics that miss a quantile, each, with probability at most ``miss``.

    Args:
        values: (n,) independent draws.
        share: the quantile's, between 0 and 1.
        miss: of either limit.

    Returns:
        The lower and the upper limit, infinite where there are too few draws for a limit.

    Example:
        >>> draws = np.arange(1.0, 65.0)
        >>> quantile_limits(draws, 0.95, 0.05), quantile_limits(draws[:50], 0.95, 0.05)
        ((58.0, 64.0), (45.0, inf))
    """
    count = values.size
    ordered = np.sort(values)
    below = binom.cdf(np.arange(count), count, share)  # [k]: at most k draws lie below it
    low = int((below <= miss).sum())  # ordered[low - 1] exceeds it where fewer than low lie below
    high = int((1 - below <= miss).sum())
    return (
        float(ordered[low - 1]) if low else -np.inf,
        float(ordered[count - high]) if high else np.inf,
    )
