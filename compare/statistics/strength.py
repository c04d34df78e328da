"""Where runs turn good, as a product of powers of a problem's numbers, with intervals.

The chance of a good run is logistic in the logarithms of the numbers. Only ratios of the slopes
mean anything, so the power of one number, the reference, is that of the law. Intervals come from
the Bayesian bootstrap over cells (Rubin 1981): every cell, with all its runs, gets an exponential
weight, so that a number which varies in few cells still varies in each resample.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import CompareError
from .logistic import fit_logistic

Array = NDArray[np.float64]


@dataclass(frozen=True)
class StrengthFit:
    """Powers of a boundary beside those of a law, and the law's constant.

    Attributes:
        reference: the number whose power is the law's by definition.
        powers: fitted power of every number.
        draws: number -> (B,) its power in each resample; NaN where the reference had no effect.
        constant: the strength, by the law's powers, at which half of the runs are good; NaN if
            runs do not get better with it.
        constants: (B,) the same in each resample.

    Example:
        >>> n, mu = np.array([(n, mu) for n in (4, 8, 16, 32) for mu in (.1, .2, .4, .8)]).T
        >>> good = np.where(n * mu**2 > 1.0, 4.0, 0.0)
        >>> logs, law = {"N": np.log(n), "mu": np.log(mu)}, {"N": 1.0, "mu": 2.0}
        >>> fit = fit_strength(logs, law, np.log(n * mu**2), good, np.full(16, 4.0),
        ...                    resamples=200, ridge=0.01)
        >>> fit.reference, round(fit.powers["N"], 1), fit.interval("mu", 0.95)
        ('mu', 1.1, (2.0, 2.0))
    """

    reference: str
    powers: Mapping[str, float]
    draws: Mapping[str, Array]
    constant: float
    constants: Array

    def interval(self, name: str, confidence: float) -> tuple[float, float]:
        """Percentile limits of a power; infinite where too many resamples have none."""
        return percentiles(self.draws[name], confidence)


def percentiles(draws: Array, confidence: float) -> tuple[float, float]:
    """Two-sided percentile limits, draws without a value counted at both ends.

    >>> percentiles(np.arange(101.0), 0.5)
    (25.0, 75.0)
    """
    tail, missing = (1 - confidence) / 2, np.isnan(draws)
    low = np.quantile(np.where(missing, -np.inf, draws), tail, method="lower")
    high = np.quantile(np.where(missing, np.inf, draws), 1 - tail, method="higher")
    return float(low), float(high)


def fit_strength(
    logs: Mapping[str, Array],
    law: Mapping[str, float],
    level: Array,
    good: Array,
    runs: Array,
    *,
    resamples: int,
    ridge: float,
    seed: int = 0,
) -> StrengthFit:
    """Fit the powers of a boundary and the constant of a law.

    The reference is the number with the largest power in the law, the first of equals.

    Args:
        logs: number -> (C,) its logarithm in each cell; of those that vary independently.
        law: number -> its power, 0 for one that the law does not hold.
        level: (C,) logarithm of the law's strength.
        good: (C,) good runs of each cell.
        runs: (C,) runs of each cell.
        resamples: of the cells.
        ridge: as for `fit_logistic`.
        seed: of the resampling.

    Raises:
        CompareError: too few cells, runs on one side only, or the reference has no effect.
    """
    names = [*logs]
    if len(good) < len(names) + 2:
        raise CompareError(
            f"boundary: {len(good)} cells for {len(names)} powers and a constant; give at least "
            f"{len(names) + 2}"
        )
    if not 0 < good.sum() < runs.sum():
        side = "good" if good.sum() else "bad"
        raise CompareError(f"boundary: all runs are {side}; give cells on both sides")
    table = np.column_stack([logs[name] for name in names])
    target = np.array([law[name] for name in names])
    at = int(np.argmax(np.abs(target)))

    def fitted(weight: Array) -> tuple[Array, float]:
        slopes = fit_logistic(table, weight * good, weight * runs, ridge)[1]
        start, (slope,) = fit_logistic(level[:, None], weight * good, weight * runs, ridge)
        powers = slopes * target[at] / slopes[at]
        if slopes[at] * target[at] <= 0:
            powers = np.full(len(names), np.nan)
        # data that follow another law may fall with this law's strength, and have no constant
        return powers, -start / slope if slope > 0 else np.nan

    powers, constant = fitted(np.ones(len(good)))
    if np.isnan(powers).any():
        raise CompareError(f"boundary: being good does not become likelier with {names[at]}")
    rng = np.random.default_rng(seed)
    draws, constants = np.full((resamples, len(names)), np.nan), np.full(resamples, np.nan)
    for row in range(resamples):
        draws[row], constants[row] = fitted(rng.exponential(size=len(good)))
    return StrengthFit(
        reference=names[at],
        powers=dict(zip(names, powers.tolist(), strict=True)),
        draws={name: draws[:, column] for column, name in enumerate(names)},
        constant=float(np.exp(constant)),
        constants=np.exp(constants),
    )
