"""Maps of the final test_loss over N and SNR, one for each flip probability."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cells import CellResult, strength
from ..statistics.logistic import fit_logistic
from .boundary_sides import CUT_OFF, scores
from .chains import end_loss

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LossMap:
    """The cells of one flip probability.

    Attributes:
        results: the cells.
        n: (C,) training samples.
        snr: (C,) signal-to-noise ratios.
        losses: C arrays of final test_loss, diverged runs left out.
    """

    results: tuple[CellResult, ...]
    n: Array
    snr: Array
    losses: tuple[Array, ...]

    @property
    def means(self) -> Array:
        """(C,) mean test_loss."""
        return np.array([one.mean() for one in self.losses])


def loss_maps(
    results: Iterable[CellResult], noise_std: float | None = None
) -> dict[float, LossMap]:
    """Flip probability -> its map, cells without a run that lasted left out.

    Args:
        results: the cells.
        noise_std: keep those of this noise alone.
    """
    groups: dict[float, list[CellResult]] = {}
    for one in results:
        problem = one.cell.problem
        if end_loss(one).size and noise_std in (None, problem.noise_std):
            groups.setdefault(problem.flip_prob, []).append(one)
    return {
        p: LossMap(
            tuple(members),
            np.array([float(one.cell.problem.n_samples) for one in members]),
            np.array([one.cell.problem.snr for one in members]),
            tuple(end_loss(one) for one in members),
        )
        for p, members in sorted(groups.items())
    }


def good_runs(result: CellResult) -> Array:
    """(R',) 1 for a run that ended at most half-way from H(p) to log 2, else 0; undecided left out.

    A run is undecided if it diverged or did not reach its target loss.
    """
    found = scores(result, "test_loss")
    return (found[np.isfinite(found)] <= CUT_OFF).astype(float)


def boundary_level(results: Iterable[CellResult], good: Iterable[Array]) -> float | None:
    """N·SNR² at which half of the runs are good, by logistic regression on its logarithm.

    Returns:
        None where all runs are on one side, the good ones are not at the high end, or that level
        lies beyond those that were trained.
    """
    pairs = [(one, hits) for one, hits in zip(results, good, strict=True) if hits.size]
    if not pairs:
        return None
    hits = np.array([one.sum() for _, one in pairs])
    trials = np.array([float(one.size) for _, one in pairs])
    levels = np.log([strength(result.cell.problem) for result, _ in pairs])
    if hits.sum() in (0.0, trials.sum()) or np.ptp(levels) == 0:
        return None
    constant, slopes = fit_logistic(levels[:, None], hits, trials)
    if slopes[0] <= 0:
        return None
    level = -constant / slopes[0]
    return float(np.exp(level)) if levels.min() <= level <= levels.max() else None
