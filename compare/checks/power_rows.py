"""Rows for fitting powers: medians of a cell's runs at a few times in each stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...theory import SIGNAL_GROWTH, evaluate, log_term
from ...theory.decay import memory_growth
from ..study import CellResult, Role, Study

Array = NDArray[np.float64]

#: Numbers of the problem whose powers are fitted, by theory symbol name.
NUMBERS = ("eta", "mu", "sigma_V", "sigma_p", "d", "N", "w", "d_h")
#: Where in a stage, in log time from its start to its end, rows are taken (fixed beforehand):
#: stage 2 in its upper half, clear of the few standard deviations at T1.
PLACES = {2: (0.5, 0.6, 0.7, 0.8, 0.9), 3: (0.2, 0.4, 0.6, 0.8, 1.0)}
#: The events a stage lies between.
EVENTS = {2: ("T1", "T2"), 3: ("T2", "T3")}


@dataclass(frozen=True)
class StageRows:
    """One stage of all cells of the design for powers.

    Attributes:
        cell: (n,) rank of the cell of each row.
        numbers: name -> (n,) number of the problem.
        t: (n,) step.
        since: (n,) steps since the stage began.
        depth: (n,) median over runs of -log P.
        gained: (n,) median over runs of -log P(t) + log P(stage start).
        growth: (n,) local power of t in V that the loss slope leaves (DERIVED).
        results: the cells.
    """

    cell: NDArray[np.int64]
    numbers: Mapping[str, Array]
    t: Array
    since: Array
    depth: Array
    gained: Array
    growth: Array
    results: tuple[CellResult, ...]


def power_cells(study: Study, inside_only: bool) -> list[CellResult]:
    """The cells powers are fitted on, in order."""
    cells = study.select(Role.HELD_OUT, "powers")
    return [one for one in cells if one.inside or not inside_only]


def cell_median(result: CellResult, event: str) -> float:
    """Median step of an event, NaN unless more than half of the runs reach it after step 0."""
    times = result.events[event][result.ok]
    if 2 * np.sum(times > 0) <= result.ok.size:
        return float("nan")
    return float(np.median(np.where(np.isnan(times), np.inf, times)))


def stage_rows(cells: list[CellResult], stage: int) -> StageRows:
    """Rows of a stage; a cell without both events, or with undecided P, is left out.

    Stage 3 ends with training where fewer than half of the runs reach T3.
    """
    picked: list[CellResult] = []
    rows: list[Array] = []
    for result in cells:
        found = _rows_of(result, stage)
        if found is not None and np.isfinite(found).all():
            rows.append(np.column_stack([np.full(len(found), len(picked)), found]))
            picked.append(result)
    table = np.vstack(rows) if rows else np.empty((0, 6))
    cell = table[:, 0].astype(np.int64)
    numbers = {
        name: np.array([picked[rank].values[name] for rank in cell], dtype=float)
        for name in NUMBERS
    }
    t, since, depth, gained, growth = table[:, 1:].T
    return StageRows(cell, numbers, t, since, depth, gained, growth, tuple(picked))


def log_terms(cells: list[CellResult]) -> Array:
    """L = log(6N²M²/δ) of each cell."""
    return np.array(
        [float(evaluate(log_term, {n: one.values[n] for n in ("N", "delta")})) for one in cells]
    )


def _rows_of(result: CellResult, stage: int) -> Array | None:
    """(rows, 5): t, since, depth, gained and growth at the stage's places."""
    start, end = (cell_median(result, event) for event in EVENTS[stage])
    last = float(result.trajectory.steps[-1])
    if stage == 3 and not end <= last:
        end = last
    if not 1 <= start < end <= last:
        return None
    t = np.exp(np.log(start) + np.array(PLACES[stage]) * np.log(end / start))
    depth = -_at(result, "log_failure_prob", np.append(start, t))
    attention = np.median(_at(result, "attention_clean", t), axis=0)
    rate = SIGNAL_GROWTH.numeric(**{n: result.values[n] for n in ("eta", "mu", "w", "p")})
    growth = np.asarray(memory_growth(attention, rate * t))
    with np.errstate(invalid="ignore"):  # P that is undecided stays so
        gained = np.median(depth[:, 1:] - depth[:, :1], axis=0)
        middle = np.median(depth[:, 1:], axis=0)
    good = (middle > 0) & (gained > 0)
    row = np.column_stack([t, t - start, middle, gained, growth])
    return row if good.all() else None


def _at(result: CellResult, quantity: str, t: Array) -> Array:
    """(R, T) a quantity of the runs that last, between logged steps linear in log t."""
    log_steps = np.log(np.maximum(result.trajectory.steps, 0.5))
    values = result.trajectory[quantity][result.ok]
    return np.array([np.interp(np.log(t), log_steps, run) for run in values])
