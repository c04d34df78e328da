"""Correlations of many resamples at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Array = NDArray[np.float64]


def rank_correlation(values: Array) -> Array:
    """(B,) Spearman correlation of the two halves of each row of (B, 2K).

    Example:
        >>> rank_correlation(np.array([[1.0, 2.0, 3.0, 10.0, 30.0, 20.0]]))
        array([0.5])
    """
    half = values.shape[1] // 2
    first, second = (rankdata(part, axis=1) for part in (values[:, :half], values[:, half:]))
    first -= first.mean(axis=1, keepdims=True)
    second -= second.mean(axis=1, keepdims=True)
    norm = np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    return np.asarray((first * second).sum(axis=1) / norm)


def power_correlation(numbers: Array, places: Array, least: int) -> Array:
    """(B,) correlation of log(number) and log(1/place²) over the places that are known.

    Args:
        numbers: (K,) positive.
        places: (B, K) positive, NaN where not known.
        least: places a correlation needs; NaN where fewer are known.

    Example:
        >>> n = np.array([4.0, 8.0, 16.0, 32.0])
        >>> power_correlation(n, 1 / np.sqrt(n)[None, :], least=4).round(6)
        array([1.])
    """
    correlations = np.full(len(places), np.nan)
    for draw, row in enumerate(places):
        known = np.isfinite(row)
        if known.sum() >= least:
            correlations[draw] = np.corrcoef(np.log(numbers[known]), -2 * np.log(row[known]))[0, 1]
    return correlations
