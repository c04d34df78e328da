"""Where a map crosses its cut-off: the constant of a law, and the crossing at each N."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ....cells import CellResult
from ....figures.table import Value
from ....fitting.boundary_sides import Quantity, scores
from ....statistics.logistic import fit_logistic
from ....thresholds import GOOD_RUN_CUT_OFF, LOGISTIC_RIDGE

Array = NDArray[np.float64]

RESAMPLES = 200


def good_runs(
    results: Sequence[CellResult], quantity: Quantity, bare: float | None = None
) -> tuple[Array, Array]:
    """(C,) runs below the cut-off and runs that count, of each cell.

    Runs count in their final state, whether they reached their target loss or not, as in an
    experiment with a fixed number of steps; diverged runs do not count.

    Args:
        results: the cells.
        quantity: ``"test_loss"`` or ``"test_error"``.
        bare: a cut-off for the quantity itself instead of half-way from its best value to chance.
    """
    hits, trials = [], []
    for result in results:
        if bare is None:
            values, limit = scores(result, quantity, untrained=True), GOOD_RUN_CUT_OFF
        else:
            values = np.where(result.ok, result.trajectory[quantity][:, -1], np.nan)
            limit = bare
        known = np.isfinite(values)
        trials.append(float(known.sum()))
        hits.append(float((values[known] <= limit).sum()))
    return np.array(hits), np.array(trials)


def law_constant(level: Array, hits: Array, trials: Array, seed: int = 0) -> dict[str, Value]:
    """The C of a law level = C at which half of the runs are below the cut-off; 95% interval.

    Args:
        level: (C,) the law's left side at each cell, positive.
        hits: (C,) runs below the cut-off.
        trials: (C,) runs that count.
        seed: seed of the resampling of cells that gives the interval.

    Returns:
        ``constant``, ``constant_low`` and ``constant_high``; None if there is no boundary of this
        form: all runs are on one side, the share below the cut-off does not rise with the level,
        the crossing is outside the cells, or most runs beyond it are still above the cut-off.

    Example:
        >>> level = np.geomspace(0.1, 10, 9)
        >>> law = law_constant(level, 4.0 * (level > 1.2), np.full(9, 4.0))
        >>> round(law["constant"], 2), law["constant_low"] < 1.4 < law["constant_high"]
        (1.33, True)
        >>> law_constant(level, np.zeros(9), np.full(9, 4.0))["constant"] is None
        True
    """
    names = ("constant", "constant_low", "constant_high")
    middle = crossing(level, hits, trials)
    if middle is None:
        return dict.fromkeys(names)
    kept = trials > 0
    logs, hits, trials = np.log(level[kept]), hits[kept], trials[kept]
    rng = np.random.default_rng(seed)
    draws = []
    for _ in range(RESAMPLES):
        drawn = rng.integers(0, logs.size, logs.size)
        middle_log = _half_way(logs[drawn], hits[drawn], trials[drawn])
        if middle_log is not None:
            draws.append(middle_log)
    low, high = np.quantile(draws, (0.025, 0.975)) if draws else (np.nan, np.nan)
    return dict(zip(names, [middle, *np.exp([low, high]).tolist()], strict=True))


def crossing(level: Array, hits: Array, trials: Array) -> float | None:
    """The level at which half of the runs are below the cut-off; None if there is no such level.

    On the far side of a boundary most runs are below the cut-off, on the near side most are above.

    Args:
        level: (C,) positive, increasing towards the good side.
        hits: (C,) runs below the cut-off.
        trials: (C,) runs that count.

    Example:
        >>> level = np.array([0.1, 0.2, 0.4, 0.8, 1.6])
        >>> round(crossing(level, np.array([0.0, 1, 4, 4, 4]), np.full(5, 4.0)), 2)
        0.23
        >>> crossing(level, np.array([0.0, 0, 4, 0, 1]), np.full(5, 4.0)) is None
        True
    """
    kept = trials > 0
    logs, hits, trials = np.log(level[kept]), hits[kept], trials[kept]
    at = _half_way(logs, hits, trials)
    if at is None:
        return None
    far = logs > at
    good = hits[far].sum() / trials[far].sum()
    early = hits[~far].sum() / trials[~far].sum()
    return float(np.exp(at)) if early <= 0.5 <= good else None


def _half_way(logs: Array, hits: Array, trials: Array) -> float | None:
    """Where a logistic fit is one half, if the fit rises and gets there among the cells."""
    if not logs.size or np.ptp(logs) == 0 or not 0 < hits.sum() < trials.sum():
        return None
    constant, slopes = fit_logistic(logs[:, None], hits, trials, LOGISTIC_RIDGE)
    if slopes[0] <= 0:
        return None
    at = float(-constant / slopes[0])
    return at if logs.min() < at < logs.max() else None
