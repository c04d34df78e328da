"""Standard errors of the powers that a design's cells and runs fit, before anything is measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..discrimination import TIME
from ..fitting.spread import GROUPS
from ..thresholds import SHAPE_MIN_LEVELS
from .numbers import Column, columns_of, told_apart
from .scatter import Scatter

Array = NDArray[np.float64]

#: Share of a cell's scatter that shows in residuals, below which none does.
_NO_LEFT = 1e-10


@dataclass(frozen=True)
class PlannedCell:
    """A cell of a design.

    Attributes:
        name: of the cell.
        numbers: by symbol.
        runs: how many.
        clock: log of the times at which room is taken, far in the stage; empty if not known.
    """

    name: str
    numbers: Mapping[str, float]
    runs: int
    clock: tuple[float, ...] = ()


@dataclass(frozen=True)
class Layout:
    """Where the cells are.

    Attributes:
        columns: every number as a predictor.
        told: numbers that are fitted.
        confounded: numbers that vary together.
        runs: (cells,) runs.
        points: (cells,) points on the clock.
        means: (cells,) mean of the clock.
        spreads: (cells,) sum of squares about it.
        clocks: largest range of a clock, in log units.
        needed: cells from which all powers are fitted together.
    """

    columns: Mapping[str, Column]
    told: tuple[str, ...]
    confounded: Mapping[str, tuple[str, ...]]
    runs: Array
    points: Array
    means: Array
    spreads: Array
    clocks: float
    needed: int

    @property
    def timed(self) -> bool:
        """Whether time varies."""
        return bool(self.spreads.sum() > 0)

    @property
    def enough(self) -> bool:
        """Whether there are cells for all powers together."""
        return len(self.runs) >= self.needed


def layout_of(cells: Sequence[PlannedCell]) -> Layout:
    """Where cells are.

    >>> layout_of([PlannedCell(f"n{n}", {"n": n}, 8) for n in (1, 2, 4)]).told
    ('n',)
    """
    columns = columns_of([cell.numbers for cell in cells])
    told, confounded = told_apart({n: c.logs for n, c in columns.items() if c.varies()})
    clocks = [np.asarray(cell.clock if cell.clock else (0.0,)) for cell in cells]
    spreads = np.array([float(np.square(c - c.mean()).sum()) for c in clocks])
    return Layout(
        columns,
        tuple(told),
        confounded,
        np.array([float(cell.runs) for cell in cells]),
        np.array([float(len(clock)) for clock in clocks]),
        np.array([float(clock.mean()) for clock in clocks]),
        spreads,
        max((float(np.ptp(clock)) for clock in clocks), default=0.0),
        max(SHAPE_MIN_LEVELS, len(told) + bool(spreads.sum() > 0) + 2),
    )


def standard_errors(layout: Layout, scatter: Scatter) -> dict[str, tuple[float, float]]:
    """Standard error and degrees of freedom of every power that is fitted."""
    if not layout.enough:
        return {TIME: _apart(layout, scatter)} if layout.timed else {}
    cells = len(layout.runs)
    predictors = [layout.columns[name].logs for name in layout.told]
    rows = np.column_stack([np.ones(cells), *predictors, *([layout.means] * layout.timed)])
    gram = (rows * layout.points[:, None]).T @ rows
    if layout.timed:
        gram[-1, -1] += layout.spreads.sum()
    bread = np.linalg.pinv(gram)
    level = layout.points[:, None] * (rows @ bread)  # (cells, K): weight of a cell's level
    power = layout.spreads[:, None] * bread[-1] if layout.timed else np.zeros_like(level)
    variance = (level**2).T @ scatter.level(layout.runs)
    variance = variance + (power**2).T @ scatter.power(layout.runs)
    hats = np.sqrt(layout.points)[:, None] * rows
    residual = np.eye(cells) - hats @ bread @ hats.T
    out = {}
    for at, name in enumerate(layout.told, start=1):
        out[name] = float(np.sqrt(variance[at])), _freedom(level[:, at], residual)
    if layout.timed:
        out[TIME] = float(np.sqrt(variance[-1])), _time_freedom(layout.spreads)
    return out


def _apart(layout: Layout, scatter: Scatter) -> tuple[float, float]:
    """Of time alone, with groups of runs as the units."""
    groups = np.minimum(layout.runs, GROUPS)
    if groups.sum() < SHAPE_MIN_LEVELS:
        return math.inf, 1.0
    spreads = np.repeat(layout.spreads, groups.astype(int))
    one = scatter.run_powers**2 * groups / layout.runs
    variance = float((np.repeat(one, groups.astype(int)) * spreads**2).sum())
    return math.sqrt(variance) / float(spreads.sum()), _time_freedom(spreads)


def _freedom(weights: Array, residual: Array) -> float:
    """Degrees of freedom of a cluster estimate whose units have these weights (Bell, McCaffrey)."""
    left = np.maximum(np.diag(residual), 0.0)
    inflated = np.where(left > _NO_LEFT, weights / np.sqrt(np.maximum(left, _NO_LEFT)), 0.0)
    gram = inflated[:, None] * residual * inflated[None, :]
    total = float((gram**2).sum())
    return float(np.trace(gram)) ** 2 / total if total else 1.0


def _time_freedom(spreads: Array) -> float:
    """The same of the mean power of units that scatter alike."""
    shares = spreads / spreads.sum()
    return _freedom(shares, np.eye(len(shares)) - np.sqrt(np.outer(shares, shares)))
