"""Limits of a mean over runs, by Student's t."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

Array = NDArray[np.float64]


def mean_limits(values: Array, miss: float) -> tuple[Array, Array]:
    """One-sided limits of the mean of each column; Student (1908).

    Exact where runs scatter normally. The mean of a few runs of very skewed scatter reads low more
    often than high, so that the upper limit misses more often then than it says.

    Args:
        values: (R, T) independent runs, at least two.
        miss: chance that either limit misses.

    Returns:
        (T,) lower and upper limits.

    Example:
        >>> runs = np.array([[1.0], [2.0], [3.0], [4.0], [5.0]])
        >>> [limit.round(3) for limit in mean_limits(runs, 0.05)]
        [array([1.493]), array([4.507])]
    """
    count = len(values)
    mean = values.mean(axis=0)
    reach = student.ppf(1 - miss, count - 1) * values.std(axis=0, ddof=1) / np.sqrt(count)
    return mean - reach, mean + reach
