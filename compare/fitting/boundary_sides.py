"""Which runs of a cell ended on the good side of the cut-off, for fitting boundaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...theory import bayes_loss, evaluate
from ..cells import CellResult
from ..statistics.boundary import BoundaryFit, fit_boundary
from ..thresholds import (
    BOUNDARY_CONFIDENCE,
    BOUNDARY_RESAMPLES,
    BOUNDARY_SPARE_CELLS,
    GOOD_RUN_CUT_OFF,
    LOGISTIC_RIDGE,
)

Array = NDArray[np.float64]
Quantity = Literal["test_loss", "test_error"]


@dataclass(frozen=True)
class Sides:
    """Cells of one kind, as `fit_boundary` takes them.

    Attributes:
        results: the cells.
        n: (C,) training samples.
        snr: (C,) signal-to-noise ratios.
        d: (C,) input dimensions.
        key_dim: (C,) query/key dimensions.
        above: (C, R) 1 for a good run, 0 for a bad run, NaN where a run diverged or did not reach
            its target loss.
    """

    results: tuple[CellResult, ...]
    n: Array
    snr: Array
    d: Array
    key_dim: Array
    above: Array


def scores(result: CellResult, quantity: Quantity, *, untrained: bool = False) -> Array:
    """(R,) where each run ended between the best value (0) and chance (1); NaN if it diverged.

    Runs that did not reach their target loss are NaN too, unless ``untrained`` lets them in.
    """
    p = result.cell.problem.flip_prob
    best, chance = (p, 0.5)
    if quantity == "test_loss":
        best, chance = float(evaluate(bayes_loss, {"p": p})), float(np.log(2.0))
    trained = result.ok & (np.isfinite(result.events["T3"]) | untrained)
    final = result.trajectory[quantity][:, -1]
    out: Array = np.where(trained, (final - best) / (chance - best), np.nan)
    return out


def sides(results: Sequence[CellResult], quantity: Quantity) -> Sides:
    """Every cell with the side each of its runs ended on."""
    problems = [result.cell.problem for result in results]
    runs = max((len(result.trajectory.seeds) for result in results), default=0)
    above = np.full((len(results), runs), np.nan)
    for row, result in enumerate(results):
        ends = scores(result, quantity)
        above[row, : ends.size] = np.where(np.isnan(ends), np.nan, ends <= GOOD_RUN_CUT_OFF)
    return Sides(
        results=tuple(results),
        n=np.array([float(problem.n_samples) for problem in problems]),
        snr=np.array([problem.snr for problem in problems]),
        d=np.array([float(problem.dim) for problem in problems]),
        key_dim=np.array([float(problem.key_dim) for problem in problems]),
        above=above,
    )


def fit_sides(data: Sides, key_dim: Array | None = None) -> BoundaryFit:
    """The boundary through some cells; `fit_boundary` at the thresholds in force.

    Args:
        data: the cells.
        key_dim: their query/key dimensions where the power of d_h is fitted too.

    Raises:
        CompareError: the cells do not determine a boundary.
    """
    return fit_boundary(
        data.n,
        data.snr,
        data.d,
        data.above,
        key_dim=key_dim,
        resamples=BOUNDARY_RESAMPLES,
        confidence=BOUNDARY_CONFIDENCE,
        spare_cells=BOUNDARY_SPARE_CELLS,
        ridge=LOGISTIC_RIDGE,
    )
