"""Maps of the final test_loss over N and SNR, one for each flip probability."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cells import CellResult, strength
from ..fitting.boundary_sides import Quantity, scores
from ..statistics.logistic import fit_logistic
from ..thresholds import GOOD_RUN_CUT_OFF, LOGISTIC_RIDGE
from .chains import end_values, judged_quantity

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LossMap:
    """The cells of one flip probability.

    Attributes:
        results: the cells.
        n: (C,) training samples.
        snr: (C,) signal-to-noise ratios.
        losses: C arrays of final test_loss, or what stands for it, diverged runs left out.
    """

    results: tuple[CellResult, ...]
    n: Array
    snr: Array
    losses: tuple[Array, ...]

    @property
    def means(self) -> Array:
        """(C,) mean test_loss."""
        return np.array([runs.mean() for runs in self.losses])


def loss_maps(
    results: Iterable[CellResult],
    noise_std: float | None = None,
    with_flips: Quantity = "test_loss",
) -> dict[float, LossMap]:
    """Flip probability -> its map, cells whose runs all diverged left out.

    Args:
        results: the cells.
        noise_std: keep the cells of this noise alone.
        with_flips: what stands for test_loss where p > 0.
    """
    groups: dict[float, list[CellResult]] = {}
    for result in results:
        problem = result.cell.problem
        if end_values(result).size and noise_std in (None, problem.noise_std):
            groups.setdefault(problem.flip_prob, []).append(result)
    return {
        p: LossMap(
            tuple(members),
            np.array([float(result.cell.problem.n_samples) for result in members]),
            np.array([result.cell.problem.snr for result in members]),
            tuple(end_values(each, judged_quantity(each, with_flips)) for each in members),
        )
        for p, members in sorted(groups.items())
    }


def good_runs(result: CellResult, quantity: Quantity = "test_loss") -> Array:
    """(R',) 1 for a run that ended at most half-way from best to chance, else 0.

    Undecided runs are left out. A run is undecided if it diverged or did not reach its target loss.
    """
    ends = scores(result, quantity)
    return (ends[np.isfinite(ends)] <= GOOD_RUN_CUT_OFF).astype(float)


def boundary_level(results: Iterable[CellResult], good: Iterable[Array]) -> float | None:
    """N·SNR² at which half of the runs are good, by logistic regression on its logarithm.

    Returns:
        None where all runs are on one side, the good ones are not at the high end, or that level
        lies beyond those that were trained.
    """
    return level_through(*counted(results, good))


def counted(results: Iterable[CellResult], good: Iterable[Array]) -> tuple[Array, Array, Array]:
    """(C,) each: log N·SNR², good runs and decided runs of each cell."""
    runs = list(good)
    levels = [strength(result.cell.problem) for result in results]
    hits = [float(each.sum()) for each in runs]
    return np.log(levels), np.array(hits), np.array([float(each.size) for each in runs])


def level_through(levels: Array, hits: Array, trials: Array) -> float | None:
    """`boundary_level` of cells that are `counted`."""
    known = trials > 0
    levels, hits, trials = levels[known], hits[known], trials[known]
    if hits.sum() in (0.0, trials.sum()) or np.ptp(levels) == 0:
        return None
    constant, slopes = fit_logistic(levels[:, None], hits, trials, LOGISTIC_RIDGE)
    if slopes[0] <= 0:
        return None
    level = -constant / slopes[0]
    return float(np.exp(level)) if levels.min() <= level <= levels.max() else None
