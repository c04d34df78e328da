"""Rows for fitting powers: every run at a few steps of each of its stages."""

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
#: Shares of a run's stage at which rows are taken.
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
    """For each usable run (places, 6): t, since, depth, gained, growth and weaker."""
    first, second = (result.events[event] for event in EVENTS[stage])
    if stage == 3:
        second = np.where(np.isfinite(second), second, result.trajectory.steps[-1])
    weaker = weaker_class(result)
    rate = SIGNAL_GROWTH.numeric(**{n: result.values[n] for n in ("eta", "mu", "w", "p")})
    usable = result.ok & (first < second) & np.isfinite(weaker)
    out = []
    for run in np.flatnonzero(usable).tolist():
        since = np.array(PLACES[stage]) * (second[run] - first[run])
        t = first[run] + since
        depth = _depth(result, run, np.append(first[run], t))
        with np.errstate(invalid="ignore"):
            gained = depth[1:] - depth[0]
        attention = np.interp(t, result.trajectory.steps, result.trajectory["attention_clean"][run])
        growth = np.asarray(memory_growth(attention, rate * t))
        row = np.column_stack([t, since, depth[1:], gained, growth, np.full(t.size, weaker[run])])
        if np.isfinite(row).all() and (row[:, 2:4] > 0).all():
            out.append(row)
    return out


def _depth(result: CellResult, run: int, t: Array) -> Array:
    """-log P of a run, between logged steps a power of t."""
    log_steps = np.log(np.maximum(result.trajectory.steps, 0.5))
    with np.errstate(divide="ignore", invalid="ignore"):  # P that is undecided stays so
        logged = np.log(-result.trajectory["log_failure_prob"][run])
        out: Array = np.exp(np.interp(np.log(np.maximum(t, 0.5)), log_steps, logged))
    return out
