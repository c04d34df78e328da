"""How far the room of a bound scatters beyond what powers explain: assumed, or measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .numbers import columns_of, told_apart
from .rooms import Rooms

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Scatter:
    """Standard deviations of the room, in log units, and of its power of time.

    Attributes:
        runs: of the level, between runs of a cell.
        cells: of the level between cells, beyond what their runs and their numbers explain.
        run_powers: of a run's power of time, between runs of a cell.
        cell_powers: of a cell's power of time, beyond what its runs explain.
        measured: whether it comes from data.
    """

    runs: float
    cells: float = 0.0
    run_powers: float = 0.0
    cell_powers: float = 0.0
    measured: bool = False

    def level(self, runs: Array) -> Array:
        """Variance of a cell's level with so many runs."""
        return np.asarray(self.cells**2 + self.runs**2 / runs)

    def power(self, runs: Array) -> Array:
        """Variance of a cell's power of time with so many runs."""
        return np.asarray(self.cell_powers**2 + self.run_powers**2 / runs)


def assumed_scatter(between_runs: float, clock: Sequence[float] = ()) -> Scatter:
    """The scatter where nothing is measured: a run's level and each of its points by as much.

    Args:
        between_runs: standard deviation, in log units.
        clock: log of the times at which a run has points.

    >>> assumed_scatter(0.1, np.log([1.0, 2.0, 4.0])).run_powers.__round__(3)
    0.102
    """
    spread = float(np.square(np.asarray(clock) - np.mean(clock)).sum()) if len(clock) else 0.0
    return Scatter(between_runs, run_powers=between_runs / math.sqrt(spread) if spread else 0.0)


def measured_scatter(
    data: Rooms, tables: Sequence[Mapping[str, float]], runs: Sequence[int]
) -> Scatter | None:
    """The scatter of measured rooms about the powers that fit them.

    Each group of runs has a level and a power of time. How far these lie apart within cells gives
    the scatter between runs; how much further they lie apart between cells than that explains,
    once the numbers' powers are taken out, gives the scatter between cells.

    Args:
        data: rooms with groups of runs apart.
        tables: the numbers of every cell.
        runs: runs of every cell.

    Returns:
        None if no cell has two groups.
    """
    cells = np.unique(data.cell)
    clock, room = _centred(data)
    spreads = np.bincount(data.group, clock**2)
    owner = np.zeros(len(spreads), dtype=int)
    owner[data.group] = data.cell
    pooled = float((clock * room).sum() / max((clock**2).sum(), np.finfo(float).tiny))
    levels = _means(data.room - pooled * clock, data.group)
    timed = bool((spreads > 0).all())
    powers = np.bincount(data.group, clock * room) / np.where(spreads > 0, spreads, 1.0)
    sizes = np.array([runs[cell] / max((owner == cell).sum(), 1) for cell in range(len(runs))])
    within = [_within(values, owner, cells, sizes) for values in (levels, powers)]
    if within[0] is None or within[1] is None:
        return None
    counts = np.array([float(runs[cell]) for cell in cells])
    columns = columns_of([tables[cell] for cell in cells])
    told, _ = told_apart({n: c.logs for n, c in columns.items() if c.varies()})
    own = [columns[name].logs for name in told]
    # where cells lie on the clock differs with their schedules, and costs no power of its own
    means = [
        np.array([values[owner == cell].mean() for cell in cells]) for values in (levels, powers)
    ]
    return Scatter(
        runs=within[0],
        cells=_beyond(means[0], own, within[0] ** 2 / counts),
        run_powers=within[1] if timed else 0.0,
        cell_powers=_beyond(means[1], [], within[1] ** 2 / counts) if timed else 0.0,
        measured=True,
    )


def _centred(data: Rooms) -> tuple[Array, Array]:
    """Clock and room less their means in the group."""
    return (
        data.clock - _means(data.clock, data.group)[data.group],
        data.room - _means(data.room, data.group)[data.group],
    )


def _within(
    values: Array, owner: NDArray[np.int64], cells: NDArray[np.int64], sizes: Array
) -> float | None:
    """Standard deviation between runs of a cell, from groups of runs."""
    squares, freedom = 0.0, 0
    for cell in cells:
        own = values[owner == cell]
        squares += float(sizes[cell] * np.square(own - own.mean()).sum())
        freedom += len(own) - 1
    return math.sqrt(squares / freedom) if freedom else None


def _beyond(means: Array, columns: Sequence[Array], explained: Array) -> float:
    """Standard deviation between cells beyond what is explained; 0 if there are too few cells."""
    design = np.column_stack([np.ones(len(means)), *columns])
    freedom = len(means) - design.shape[1]
    if freedom < 1:
        return 0.0
    residual = means - design @ np.linalg.lstsq(design, means, rcond=None)[0]
    return math.sqrt(max(float((residual**2).sum()) / freedom - float(explained.mean()), 0.0))


def _means(values: Array, group: NDArray[np.int64]) -> Array:
    counts = np.bincount(group)
    return np.asarray(np.bincount(group, values) / np.maximum(counts, 1))
