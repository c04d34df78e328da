"""Limits of a statistic of several cells, by redrawing every cell's runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def resampled(
    samples: Sequence[Array], statistic: Callable[[Array], Array], *, draws: int
) -> Array:
    """The statistic of resamples: each cell's runs drawn with replacement, at a fixed seed.

    Args:
        samples: one array of runs a cell, none of them empty.
        statistic: from the means of the cells, (draws, cells), to one value a draw.
        draws: how many.

    Returns:
        (draws,) values.

    Example:
        >>> samples = [np.zeros(8), np.ones(8)]
        >>> values = resampled(samples, lambda mean: mean[:, 1] - mean[:, 0], draws=2_000)
        >>> values.shape, float(values.min()), float(values.max())
        ((2000,), 1.0, 1.0)
    """
    rng = np.random.default_rng(0)
    means = np.column_stack(
        [rng.choice(sample, (draws, sample.size)).mean(axis=1) for sample in samples]
    )
    return np.asarray(statistic(means), dtype=float)


def limits(values: Array, miss: float) -> tuple[float, float]:
    """Lower and upper percentile limit, each missed with that probability; NaN draws count at both.

    Example:
        >>> limits(np.arange(101.0), 0.05)
        (5.0, 95.0)
        >>> limits(np.array([1.0, np.nan]), 0.05)
        (-inf, inf)
    """
    low = np.quantile(np.where(np.isnan(values), -np.inf, values), miss, method="lower")
    high = np.quantile(np.where(np.isnan(values), np.inf, values), 1 - miss, method="higher")
    return float(low), float(high)
