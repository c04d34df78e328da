"""Exact p-values, and scores that are standard normal where a statement is true.

Every test states its null distribution exactly, so its p-value is uniform, or larger, where the
statement is true.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, chi2, kstest, norm

Array = NDArray[np.float64]

#: Degrees of freedom from which the cube root of a chi-square is normal to 1e-6.
MANY_DEGREES = 1e6


def binomial_p(successes: int, trials: int, probability: float) -> float:
    """Two-sided exact binomial p-value.

    >>> round(binomial_p(60, 100, 0.5), 4)
    0.0569
    """
    return float(binomtest(successes, trials, probability).pvalue)


def chi_square_p(total: float, degrees: float) -> float:
    """Two-sided p-value of a sum of squares of ``degrees`` standard normals.

    >>> round(chi_square_p(130.0, 100), 3)
    0.047
    """
    return float(min(1.0, 2 * min(chi2.cdf(total, degrees), chi2.sf(total, degrees))))


def normal_p(score: float) -> float:
    """Two-sided p-value of a standard normal score.

    >>> round(normal_p(-1.96), 3)
    0.05
    """
    return float(2 * norm.sf(abs(score)))


def chi_square_scores(squares: Array, degrees: float) -> Array:
    """Chi-square values as standard normal scores of the same level, exact in both tails.

    From a million degrees on by the cube root (Wilson and Hilferty), which is then better than
    the incomplete gamma function.

    Returns:
        An array of the same shape; below a million degrees, scores beyond ±38 read ±38.

    >>> chi_square_scores(np.array([80.0, 100.0, 124.3]), 100.0).round(2).tolist()
    [-1.47, 0.05, 1.64]
    """
    if degrees > MANY_DEGREES:
        small = 2 / (9 * degrees)
        return np.asarray((np.cbrt(squares / degrees) - 1 + small) / np.sqrt(small))
    below, above = chi2.cdf(squares, degrees), chi2.sf(squares, degrees)
    scores = np.where(below < above, norm.ppf(below), norm.isf(above))
    return np.asarray(np.clip(scores, -38.0, 38.0))


def largest_p(scores: Array) -> float:
    """P-value of the largest |score| among independent standard normal scores, exact.

    >>> round(largest_p(np.array([0.1, -3.0])), 4)
    0.0054
    """
    tail = 2 * norm.sf(np.abs(scores).max())
    return float(-np.expm1(scores.size * np.log1p(-tail)))


def uncorrelated_p(first: Array, second: Array) -> float:
    """P-value of Σxy/√Σy² for x and y standard normal and independent, exact given y.

    Zero where y vanishes, which no normal draw does.
    """
    if not second.any():
        return 0.0
    return normal_p(float((first * second).sum() / np.sqrt((second**2).sum())))


def shape_p(scores: Array) -> float:
    """Two-sided Kolmogorov–Smirnov p-value of scores that should be standard normal."""
    return float(kstest(scores, "norm").pvalue)
