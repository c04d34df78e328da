"""Jonckheere's test for a trend along ordered levels, summed over several chains of levels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Trend:
    """How far values rise along chains, in standard errors under no trend.

    Attributes:
        score: positive where they rise; standard normal, nearly, without a trend.
        share: of all comparisons of values at different levels, those that rise.
        comparisons: how many there are.
    """

    score: float
    share: float
    comparisons: int


def jonckheere(chains: Iterable[Sequence[Array]]) -> Trend | None:
    """Jonckheere's statistic summed over chains; None where nothing can be compared.

    Within a chain it counts pairs of values at different levels of which the value at the higher
    level is the larger. If values of all levels are alike, its mean is half the pairs and its
    variance (n²(2n+3) - Σ m²(2m+3))/72 for n values, m at each level.

    Args:
        chains: each with one array of values a level, levels in rising order.

    Example:
        >>> rising = [np.arange(5.0) + 3 * level for level in range(3)]
        >>> trend = jonckheere([rising])
        >>> round(trend.score, 2), trend.comparisons
        (3.54, 75)
    """
    surplus = variance = wins = 0.0
    pairs = 0
    for levels in chains:
        sizes = [values.size for values in levels]
        for low, lower in enumerate(levels):
            for upper in levels[low + 1 :]:
                ahead = np.searchsorted(np.sort(lower), upper, side="left").sum()
                even = np.searchsorted(np.sort(lower), upper, side="right").sum() - ahead
                wins += ahead + even / 2
                surplus += ahead + even / 2 - lower.size * upper.size / 2
                pairs += lower.size * upper.size
        n = sum(sizes)
        variance += (n**2 * (2 * n + 3) - sum(m**2 * (2 * m + 3) for m in sizes)) / 72
    if not pairs or variance <= 0:
        return None
    return Trend(float(surplus / math.sqrt(variance)), float(wins / pairs), pairs)


def score_limit(false_alarm: float) -> float:
    """The score a trend must exceed, one-sided.

    >>> round(score_limit(0.01), 3)
    2.326
    """
    return float(norm.isf(false_alarm))
