"""Rival laws for one response, each with a free constant, by held-out likelihood."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from ..errors import CompareError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LawComparison:
    """Laws in order of how well they predict a cell they were not fitted on.

    Attributes:
        log_likelihoods: law -> mean held-out log-likelihood of a cell.
        scatters: law -> standard deviation of log(response/law) over cells.
        better: the law with the highest held-out likelihood.
        differences: law -> mean of (the better law's less this law's) log-likelihood of a cell.
        errors: law -> standard error of that difference over cells.

    Example:
        >>> x = np.linspace(0.0, 3.0, 12)
        >>> noise = 0.05 * np.array([1, -1, 1, -1, -1, 1, 1, -1, -1, 1, -1, 1])
        >>> laws = {"square": 2 * x, "linear": x}
        >>> comparison = compare_laws(2 * x + noise, laws, min_cells=6)
        >>> {name: round(scatter, 2) for name, scatter in comparison.scatters.items()}
        {'square': 0.05, 'linear': 0.98}
        >>> comparison.better, comparison.differences["square"]
        ('square', 0.0)
    """

    log_likelihoods: Mapping[str, float]
    scatters: Mapping[str, float]
    better: str
    differences: Mapping[str, float]
    errors: Mapping[str, float]


def compare_laws(
    log_response: ArrayLike, log_laws: Mapping[str, ArrayLike], *, min_cells: int
) -> LawComparison:
    """Compare laws response = constant · law with normal scatter of the logarithm.

    Constant and scatter are fitted without one cell and judged on that cell.

    Args:
        log_response: (C,) logarithm of the response, one entry a cell.
        log_laws: name -> (C,) logarithm of the law.
        min_cells: cells below which nothing is compared.

    Raises:
        CompareError: fewer cells than ``min_cells``, or arrays of unequal length.

    Example:
        >>> x = np.linspace(0.0, 3.0, 12)
        >>> noise = 0.05 * np.array([1, -1, 1, -1, -1, 1, 1, -1, -1, 1, -1, 1])
        >>> laws = {"square": 2 * x, "linear": x}
        >>> comparison = compare_laws(2 * x + noise, laws, min_cells=6)
        >>> comparison.better, comparison.differences["linear"] > 2 * comparison.errors["linear"]
        ('square', True)
    """
    response = np.asarray(log_response, dtype=float)
    if response.ndim != 1 or response.size < min_cells:
        raise CompareError(f"compare_laws: {response.size} cells; give at least {min_cells}")
    scores: dict[str, Array] = {}
    scatters: dict[str, float] = {}
    for name, law in log_laws.items():
        rest = response - np.asarray(law, dtype=float)
        if rest.shape != response.shape or not np.isfinite(rest).all():
            raise CompareError(f"compare_laws: law {name!r} must be finite, one entry a cell")
        scatters[name] = float(rest.std(ddof=1))
        remaining = [np.delete(rest, cell) for cell in range(rest.size)]
        spread = np.array([max(float(part.std(ddof=1)), 1e-12) for part in remaining])
        centre = np.array([part.mean() for part in remaining])
        # the constant is itself estimated, from one cell less
        scores[name] = norm.logpdf(rest, centre, spread * math.sqrt(rest.size / (rest.size - 1)))
    means = {name: float(score.mean()) for name, score in scores.items()}
    better = max(means, key=means.__getitem__)
    behind = {name: scores[better] - score for name, score in scores.items()}
    return LawComparison(
        log_likelihoods=means,
        scatters=scatters,
        better=better,
        differences={name: float(gap.mean()) for name, gap in behind.items()},
        errors={n: float(gap.std(ddof=1) / math.sqrt(gap.size)) for n, gap in behind.items()},
    )
