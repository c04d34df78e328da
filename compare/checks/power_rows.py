"""Rows for fitting powers: every run at a few logged steps of each of its stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...theory import SIGNAL_GROWTH, evaluate, log_term
from ...theory.evaluation.decay import memory_growth
from ..cells import CellResult, Role, Study
from ..thresholds import POWER_SHARES_STAGE_2, POWER_SHARES_STAGE_3, POWER_USABLE_SHARE
from .seed_covariates import flipped_share, head_start, weaker_class

Array = NDArray[np.float64]

#: Numbers of the problem whose powers are fitted, by theory symbol name.
NUMBERS = ("eta", "mu", "sigma_V", "sigma_p", "d", "N", "w", "d_h")
#: Shares of a run's stage at which rows are taken, at the logged steps nearest to them.
PLACES = {2: POWER_SHARES_STAGE_2, 3: POWER_SHARES_STAGE_3}
#: The events a stage lies between.
EVENTS = {2: ("T1", "T2"), 3: ("T2", "T3")}
#: What explains the scatter of an event between seeds (fixed beforehand).
EXPLAINS = {
    "T1": {"head start": head_start},
    "T2": {"weaker class": weaker_class},
    "T3": {"weaker class": weaker_class, "flipped share": flipped_share},
}
#: Range of a logarithm from which it varies at all.
VARIES = 1e-6


@dataclass(frozen=True)
class StageRows:
    """One stage of all runs of the design for powers.

    Attributes:
        cell: (n,) rank of the cell of each row.
        numbers: name -> (n,) number of the problem.
        t: (n,) step.
        since: (n,) steps since the run's stage began.
        depth: (n,) -log P.
        gained: (n,) -log P(t) + log P(stage start).
        growth: (n,) local power of t in V that the loss slope leaves (DERIVED).
        weaker: (n,) the run's `weaker_class`.
        results: the cells.
    """

    cell: NDArray[np.int64]
    numbers: Mapping[str, Array]
    t: Array
    since: Array
    depth: Array
    gained: Array
    growth: Array
    weaker: Array
    results: tuple[CellResult, ...]


@dataclass(frozen=True)
class EventRows:
    """Every run's time of one event.

    Attributes:
        cell: (n,) rank of the cell of each row.
        numbers: name -> (n,) number of the problem, L = log(6N²M²/delta) among them.
        steps: (n,) the event.
        explained: name -> (n,) what explains its scatter between seeds.
        results: the cells.
    """

    cell: NDArray[np.int64]
    numbers: Mapping[str, Array]
    steps: Array
    explained: Mapping[str, Array]
    results: tuple[CellResult, ...]


def power_cells(study: Study, inside_only: bool) -> list[CellResult]:
    """The cells powers are fitted on, in order."""
    cells = study.select(Role.HELD_OUT, "powers")
    return [result for result in cells if result.inside or not inside_only]


def stage_rows(cells: list[CellResult], stage: int) -> StageRows:
    """Rows of a stage.

    A run counts that has both events, a decided P and kept labels to spare in either class; a
    cell in which no more than half of the runs count is left out. Stage 3 ends with training
    where T3 was not reached.
    """
    picked, rows = _usable(cells, [_stage_of(result, stage) for result in cells])
    t, since, depth, gained, growth, weaker = rows[:, 1:].T if len(rows) else np.empty((6, 0))
    cell, numbers = _numbers(picked, rows)
    return StageRows(cell, numbers, t, since, depth, gained, growth, weaker, tuple(picked))


def event_rows(cells: list[CellResult], event: str) -> EventRows:
    """One row a run that meets the event after step 0; cells as in `stage_rows`."""
    names = list(EXPLAINS.get(event, {}))
    picked, rows = _usable(cells, [_event_of(result, event) for result in cells])
    cell, numbers = _numbers(picked, rows)
    numbers = {**numbers, "L": log_terms(picked)[cell] if len(rows) else np.empty(0)}
    columns = rows[:, 2:].T if len(rows) else np.empty((len(names), 0))
    explained = {
        name: column for name, column in zip(names, columns, strict=True) if np.ptp(column) > VARIES
    } if len(rows) else {}  # fmt: skip
    steps = rows[:, 1] if len(rows) else np.empty(0)
    return EventRows(cell, numbers, steps, explained, tuple(picked))


def log_terms(cells: list[CellResult]) -> Array:
    """L = log(6N²M²/δ) of each cell."""
    return np.array(
        [
            float(evaluate(log_term, {n: result.values[n] for n in ("N", "delta")}))
            for result in cells
        ]
    )


def _usable(
    cells: list[CellResult], rows_of_runs: list[list[Array]]
) -> tuple[list[CellResult], Array]:
    """The cells with enough usable runs, and their rows, the rank of the cell in front."""
    picked: list[CellResult] = []
    parts: list[Array] = []
    for result, runs in zip(cells, rows_of_runs, strict=True):
        if len(runs) > POWER_USABLE_SHARE * result.ok.size:
            rows = np.vstack(runs)
            parts.append(np.column_stack([np.full(len(rows), len(picked)), rows]))
            picked.append(result)
    return picked, np.vstack(parts) if parts else np.empty((0, 0))


def _numbers(picked: list[CellResult], rows: Array) -> tuple[NDArray[np.int64], dict[str, Array]]:
    cell = rows[:, 0].astype(np.int64) if len(rows) else np.empty(0, dtype=np.int64)
    return cell, {
        name: np.array([picked[rank].values[name] for rank in cell], dtype=float)
        for name in NUMBERS
    }


def _event_of(result: CellResult, event: str) -> list[Array]:
    """For each usable run a (1, 1 + covariates) row."""
    columns = [result.events[event], *(explain(result) for explain in EXPLAINS[event].values())]
    table = np.column_stack(columns)
    good = result.ok & np.isfinite(table).all(axis=1) & (result.events[event] > 0)
    return [table[run : run + 1] for run in np.flatnonzero(good)]


def _stage_of(result: CellResult, stage: int) -> list[Array]:
    """For each usable run (up to places, 6): t, since, depth, gained, growth and weaker."""
    first, second = (result.events[event] for event in EVENTS[stage])
    if stage == 3:
        second = np.where(np.isfinite(second), second, result.trajectory.steps[-1])
    weaker = weaker_class(result)
    rate = SIGNAL_GROWTH.numeric(**{n: result.values[n] for n in ("eta", "mu", "w", "p")})
    usable = result.ok & (first < second) & np.isfinite(weaker)
    out = []
    for run in np.flatnonzero(usable).tolist():
        places = first[run] + np.array(PLACES[stage]) * (second[run] - first[run])
        at = _logged_near(result.trajectory.steps, places, first[run], second[run])
        t = result.trajectory.steps[at].astype(float)
        since = t - first[run]
        depth = np.exp(_log_depth(result, run)[at])
        with np.errstate(invalid="ignore"):
            gained = depth - _depth_at_start(result, run, first[run])
        attention = result.trajectory["attention_clean"][run, at]
        growth = np.asarray(memory_growth(attention, rate * t))
        row = np.column_stack([t, since, depth, gained, growth, np.full(t.size, weaker[run])])
        if t.size and np.isfinite(row).all() and (row[:, 2:4] > 0).all():
            out.append(row)
    return out


def _logged_near(
    steps: NDArray[np.int64], places: Array, first: float, second: float
) -> NDArray[np.int64]:
    """Which logged steps after ``first`` and up to ``second`` are nearest to some places.

    >>> _logged_near(np.arange(0, 100, 10), np.array([22.0, 23.0, 90.0]), 15.0, 85.0)
    array([2, 8])
    """
    inside = np.flatnonzero((steps > first) & (steps <= second))
    if not inside.size:
        return inside
    off = np.abs(steps[inside][None, :] - places[:, None])
    return np.unique(inside[off.argmin(axis=1)])


def _depth_at_start(result: CellResult, run: int, start: float) -> float:
    """-log P of a run where a stage begins, as the logged steps before it go on.

    The decay may turn there, so that no line from a step before it to a step after it has its
    value. Between steps, -log P is a power of t; with a single step before, it stays.
    """
    steps, logged = result.trajectory.steps, _log_depth(result, run)
    at = int(np.searchsorted(steps, start, side="right")) - 1
    if at < 2:
        return float(np.exp(logged[at]))
    before = np.log(steps[at - 1 : at + 1])
    slope = (logged[at] - logged[at - 1]) / (before[1] - before[0])
    return float(np.exp(logged[at] + slope * (np.log(start) - before[1])))


def _log_depth(result: CellResult, run: int) -> Array:
    """log(-log P) at every logged step of a run; P that is undecided stays so."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(-result.trajectory["log_failure_prob"][run]))
