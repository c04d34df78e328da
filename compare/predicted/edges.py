"""On which side of the boundary of test_loss runs are, and where the limit puts them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...theory import bayes_loss, evaluate
from ..cells import CellResult, taught_nothing
from ..fitting.event_values import at_event
from ..thresholds import GOOD_RUN_CUT_OFF
from .runs import complete, prediction_result

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Edge:
    """Cells around the boundary, with the side of each run when train_loss reaches its target.

    Attributes:
        results: the cells.
        trained: (C, R) 1 for a good run, 0 for a bad run, NaN where that is not known or the run
            does not count.
        predicted: (C, R) the same of the limit.
    """

    results: tuple[CellResult, ...]
    trained: Array
    predicted: Array

    def without(self, group: int, groups: int) -> Edge:
        """All cells but those of a group, each so many cells apart."""
        kept = np.arange(len(self.results)) % groups != group
        some = tuple(each for each, stays in zip(self.results, kept, strict=True) if stays)
        return Edge(some, self.trained[kept], self.predicted[kept])


def edge_of(cells: tuple[CellResult, ...]) -> Edge:
    """Sides of the runs with a lead in each class, and where the limit puts them."""
    runs = max(len(each.trajectory.seeds) for each in cells)
    trained, predicted = np.full((2, len(cells), runs), np.nan)
    for row, cell in enumerate(cells):
        own, other = good_runs(cell)
        known = ~taught_nothing(cell) & ~np.isnan(own) & ~np.isnan(other)
        trained[row, : own.size] = np.where(known, own, np.nan)
        predicted[row, : own.size] = np.where(known, other, np.nan)
    return Edge(cells, trained, predicted)


def good_runs(cell: CellResult) -> tuple[Array, Array]:
    """(R,) each: 1 or 0 by the side of a run, NaN if it is not known, and by the limit's."""
    own, other = _good(cell), _good(prediction_result(cell))
    own[~complete(cell)] = np.nan
    return own, other


def _good(result: CellResult) -> Array:
    """(R,) 1 or 0 by the side on which a run reaches its target, NaN if it does not."""
    best = float(evaluate(bayes_loss, {"p": result.cell.problem.flip_prob}))
    loss = at_event(result, result.trajectory["test_loss"], "T3")
    score = (loss - best) / (np.log(2) - best)
    return np.where(np.isnan(score), np.nan, (score <= GOOD_RUN_CUT_OFF).astype(float))
