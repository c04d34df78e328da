"""`Answer`: the verdict on one claim at one dose, by where an interval lies between two limits."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..statistics.binomial import exact_bounds
from ..statistics.mean_limits import mean_limits
from ..thresholds import TRANSFER_MIN_RUNS, TRANSFER_MISS
from ..verdict import Status

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Answer:
    """A verdict with its effect size.

    Attributes:
        status: HOLDS, ERODES, VIOLATED, INCONCLUSIVE, or OUT_OF_SCOPE where it cannot be asked.
        effect: the measured number; None if nothing was measured.
        low: lower limit of its interval.
        high: upper limit.
        runs: how many runs it rests on.
        reason: one sentence.
    """

    status: Status
    effect: float | None
    low: float | None
    high: float | None
    runs: int
    reason: str


def undecided(reason: str, runs: int = 0) -> Answer:
    """An answer where there is too little to decide.

    >>> undecided("3 runs").status.value
    'INCONCLUSIVE'
    """
    return Answer(Status.INCONCLUSIVE, None, None, None, runs, reason)


def not_asked(reason: str) -> Answer:
    """An answer where the claim means nothing.

    >>> not_asked("no V").status.value
    'OUT_OF_SCOPE'
    """
    return Answer(Status.OUT_OF_SCOPE, None, None, None, 0, reason)


def place(low: float, high: float, limits: tuple[float, float]) -> Status:
    """The verdict of an interval.

    Whole beyond the first limit it HOLDS, whole beyond the second it is VIOLATED. An interval that
    does not reach the first limit and is not whole beyond the second ERODES: it is surely worse
    than the claim, and not surely broken.

    Args:
        low: lower end of the interval.
        high: its upper end.
        limits: from (or to) which the claim holds, and to (or from) which it is broken.

    Example:
        >>> [place(a, a + 0.1, (0.65, 0.35)).value for a in (0.7, 0.6, 0.4, 0.3, 0.1)]
        ['HOLDS', 'INCONCLUSIVE', 'ERODES', 'ERODES', 'VIOLATED']
        >>> place(0.0, 0.01, (0.02, 0.1)).value
        'HOLDS'
    """
    holds, breaks = limits
    if math.isnan(low) or math.isnan(high):
        return Status.INCONCLUSIVE
    if holds < breaks:  # small is good
        low, high, holds, breaks = -high, -low, -holds, -breaks
    if low >= holds:
        return Status.HOLDS
    if high <= breaks:
        return Status.VIOLATED
    return Status.ERODES if high < holds else Status.INCONCLUSIVE


def of_share(good: NDArray[np.bool_], limits: tuple[float, float], what: str) -> Answer:
    """An answer about a share of runs, by exact limits.

    >>> of_share(np.ones(8, dtype=bool), (0.65, 0.35), "learn").reason
    '8 of 8 runs learn'
    """
    runs, count = len(good), int(good.sum())
    reason = f"{count} of {runs} runs {what}"
    if runs < TRANSFER_MIN_RUNS:
        return undecided(reason, runs)
    low, high = exact_bounds(count, runs, TRANSFER_MISS)
    return Answer(place(low, high, limits), count / runs, low, high, runs, reason)


def of_mean(values: Array, limits: tuple[float, float], what: str, form: str = ".3f") -> Answer:
    """An answer about a mean over runs; runs without a number leave it undecided.

    Example:
        >>> answer = of_mean(np.array([0.3, 0.31, 0.32, 0.29]), (0.2, 0.1), "clean_error")
        >>> answer.status.value, answer.reason
        ('HOLDS', 'clean_error 0.305 [0.290, 0.320]')
    """
    known = np.isfinite(values)
    if known.sum() < TRANSFER_MIN_RUNS or not known.all():
        return undecided(f"{what}: {known.sum()} of {len(values)} runs have a number", len(values))
    low, high = (float(limit[0]) for limit in mean_limits(values[:, None], TRANSFER_MISS))
    mean = float(values.mean())
    reason = f"{what} {mean:{form}} [{low:{form}}, {high:{form}}]"
    return Answer(place(low, high, limits), mean, low, high, len(values), reason)
