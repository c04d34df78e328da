"""Is the boundary's constant the base's?"""

from __future__ import annotations

import math

import numpy as np

from ...statistics.logistic import fit_logistic
from ...thresholds import BOUNDARY_RESAMPLES, LOGISTIC_RIDGE, TRANSFER_CONSTANT, TRANSFER_MISS
from ..answer import Answer, place, undecided
from ..grid import Grid, sides
from ..question import Question
from ..trained import DepartureRuns
from .boundary_power import LAW

#: Share of resamples without a boundary beyond which there is no interval.
_LOST = TRANSFER_MISS


def _ask(runs: DepartureRuns, base: DepartureRuns) -> Answer:
    own, unit = sides(runs), sides(base)
    draws, centre = _constants(own, 0)
    others, other = _constants(unit, 1)
    ratios = draws - others
    known = ratios[np.isfinite(ratios)]
    if not math.isfinite(centre - other) or len(known) < (1 - _LOST) * len(ratios):
        return undecided("the grid's runs are not on both sides of a boundary", own.runs)
    low, high = np.quantile(known, [TRANSFER_MISS, 1 - TRANSFER_MISS])
    near = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
    limits = (math.log(TRANSFER_CONSTANT[0]), math.log(TRANSFER_CONSTANT[1]))
    status = place(near, max(abs(low), abs(high)), limits)
    factor, ends = math.exp(centre - other), np.exp([low, high])
    reason = (
        f"C = {math.exp(centre):.2f}, {factor:.2f} times the base's [{ends[0]:.2f}, {ends[1]:.2f}]"
    )
    return Answer(status, factor, float(ends[0]), float(ends[1]), own.runs, reason)


def _constants(grid: Grid, seed: int) -> tuple[np.ndarray, float]:
    """Log C at the law's power: of resampled cells, and of all."""
    level = np.log(grid.n) + LAW * np.log(grid.snr)
    known = np.isfinite(grid.above)
    hits, trials = np.where(known, grid.above, 0.0).sum(axis=1), known.sum(axis=1).astype(float)
    level, hits, trials = level[trials > 0], hits[trials > 0], trials[trials > 0]
    rng = np.random.default_rng(seed)
    draws = [
        _constant(level[rows], hits[rows], trials[rows])
        for rows in rng.integers(0, max(len(level), 1), (BOUNDARY_RESAMPLES // 4, len(level)))
    ]
    return np.array(draws), _constant(level, hits, trials)


def _constant(level: np.ndarray, hits: np.ndarray, trials: np.ndarray) -> float:
    if not 0 < hits.sum() < trials.sum() or np.ptp(level) == 0:
        return math.nan
    start, slope = fit_logistic(level[:, None], hits, trials, LOGISTIC_RIDGE)
    return float(-start / slope[0]) if slope[0] > 0 else math.nan


QUESTION = Question(
    order=10,
    title="boundary constant",
    claim="The constant C of N·SNR² = C is the base's.",
    effect="C in units of the base's",
    ask=_ask,
    theory=1.0,
)
