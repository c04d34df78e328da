"""The room that a bound leaves above the data, at points spread over the far part of each stage.

Far is where no constant is fitted: there what a stage begins with has died away, and from there the
bound speaks of everything that comes later.

Constants drop out of its powers: where an open factor multiplies the bound, the room in logarithms
shifts as a whole. A power of time that is open itself is put in as it is judged, and so are the
constants of a sum. Of a bound C·exp(-k·x) the rate k is the constant, so the decay since the stage
began is compared with x, and log k is what shifts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sympy import Expr

from ...theory import evaluate
from ..cells import CellResult, Study
from ..fitting.bounds import (
    bound_along,
    log_excess,
    run_values,
    speaks_of,
    stage_ends,
    stage_number,
    stage_of_named,
)
from ..fitting.form import Form, form_of, near_part, since_start
from ..fitting.spread import GROUPS, POINTS, spread

Array = NDArray[np.float64]

#: Share of its largest value in the run from which the exponent of a bound is compared.
_EXPONENT_FROM = 0.05
#: A decay that is not one, relative to the largest: its logarithm must be a number.
_NO_DECAY = 1e-6


@dataclass(frozen=True)
class Rooms:
    """Rows at which the room of a bound is known: means over a cell's runs, point by point.

    Attributes:
        room: (n,) log of the room; of a decaying bound, log of measured decay over its exponent.
        clock: (n,) log of the time since the clock began; zeros where the bound has no time.
        cell: (n,) index of the row's cell.
        group: (n,) index of the row's group of runs; of the cell where runs are not kept apart.
        results: the cells.
        dropped: share of the points at which nothing is left above the floor.
    """

    room: Array
    clock: Array
    cell: NDArray[np.int64]
    group: NDArray[np.int64]
    results: tuple[CellResult, ...]
    dropped: float


def rooms(study: Study, name: str, results: tuple[CellResult, ...], *, apart: bool) -> Rooms:
    """The room a bound leaves in some cells.

    Args:
        study: whose theorem's bound is meant; its factors are not used.
        name: the bound.
        results: the cells.
        apart: whether groups of runs are rows of their own.
    """
    form = form_of(study.theorem, name)
    rows: list[tuple[Array, Array, int, int]] = []
    points = lost = groups = 0
    for index, result in enumerate(results):
        room, clock, missing = _of_runs(study, result, form)
        points += int(np.isfinite(clock).sum())
        lost += int(missing.sum())
        known = np.isfinite(room).any(axis=1)
        room, clock = room[known], clock[known]
        for members in _groups(len(room), apart):
            sums = [
                _mean(each[members]) for each in (room, np.where(np.isfinite(room), clock, np.nan))
            ]
            good = np.isfinite(sums[0])
            if good.any():
                rows.append((sums[0][good], sums[1][good], index, groups))
                groups += 1
    empty = np.empty(0)
    sizes = [len(row[0]) for row in rows]
    return Rooms(
        np.concatenate([row[0] for row in rows]) if rows else empty,
        np.concatenate([row[1] for row in rows]) if rows else empty,
        np.repeat([row[2] for row in rows], sizes).astype(int),
        np.repeat([row[3] for row in rows], sizes).astype(int),
        results,
        lost / points if points else 0.0,
    )


def _groups(runs: int, apart: bool) -> list[NDArray[np.int64]]:
    if not runs:
        return []
    return list(np.array_split(np.arange(runs), min(GROUPS, runs) if apart else 1))


def _mean(values: Array) -> Array:
    """Mean over runs of what is known."""
    known = np.isfinite(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    out: Array = np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)
    return out


def _of_runs(
    study: Study, result: CellResult, form: Form
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """(R, POINTS) room and clock of each run, and where nothing is left above the floor."""
    bound = form.bound
    runs = len(result.trajectory.seeds)
    room = np.full((runs, POINTS), np.nan)
    clock = np.full((runs, POINTS), np.nan)
    missing = np.zeros((runs, POINTS), dtype=bool)
    if bound.quantity not in result.trajectory.quantities or not speaks_of(bound, result):
        return room, clock, missing
    stage = stage_of_named(study.theorem, bound.name)
    measured = ~np.isnan(result.trajectory[bound.quantity])
    inside = (stage_number(study, result) == stage.number) & measured & result.ok[:, None]
    since = since_start(result, form)
    excess = log_excess(study, result, bound)
    if form.exponent is None:
        along = _log_bound(study, result, form)
        value = along - excess if bound.kind == "upper" else excess - along
    else:
        value = _decay(study, result, form, inside, excess)
    far = inside & ~near_part(study, result, bound.name) if form.timed else inside
    for run in np.flatnonzero(inside.any(axis=1)):
        at = _spread(since[run], far[run], form)
        room[run, : len(at)], clock[run, : len(at)] = value[run, at], 0.0
        if form.timed:
            clock[run, : len(at)] = np.log(since[run, at])
        missing[run, : len(at)] = np.isneginf(excess[run, at])
    return room, clock, missing


def _log_bound(study: Study, result: CellResult, form: Form) -> Array:
    """(R, T) log of the bound's excess as judged; factors, which only shift it, are taken as 1."""
    constants = study.constants.widened() | dict.fromkeys(form.factors, 1.0)
    return bound_along(study, result, study.theorem.bound(form.bound.name), constants, log=True)


def _decay(
    study: Study, result: CellResult, form: Form, inside: NDArray[np.bool_], excess: Array
) -> Array:
    """(R, T) log of the decay since the stage began over the exponent's gain since then."""
    values = run_values(result, stage_ends(study.theorem))
    x = _evaluated(form.exponent, values, inside.shape)
    level = excess - _evaluated(form.offset, values, inside.shape)
    out = np.full(inside.shape, np.nan)
    for run in np.flatnonzero(inside.any(axis=1)):
        on = np.flatnonzero(inside[run])
        gained, gain = level[run, on[0]] - level[run, on], x[run, on] - x[run, on[0]]
        use = gain > _EXPONENT_FROM * np.nanmax(gain, initial=0.0)
        floor = _NO_DECAY * np.nanmax(np.abs(gain), initial=0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.log(np.maximum(gained, floor)) - np.log(gain)
        out[run, on] = np.where(use & np.isfinite(gained), ratio, np.nan)
    return out if form.bound.kind == "upper" else -out


def _evaluated(
    expr: Expr | None, values: dict[str, Array | float], shape: tuple[int, ...]
) -> Array:
    names = {str(symbol) for symbol in getattr(expr, "free_symbols", ())}
    given = {name: value for name, value in values.items() if name in names}
    return np.broadcast_to(np.asarray(evaluate(expr, given, absolute=True), dtype=float), shape)


def _spread(since: Array, inside: NDArray[np.bool_], form: Form) -> NDArray[np.int64]:
    """Points of one run's stage, evenly spaced in log time as far as they were logged."""
    on: NDArray[np.int64] = np.flatnonzero(inside & (since > 0 if form.timed else True))
    chosen = spread(np.log(since[on]) if form.timed else np.arange(len(on), dtype=float))
    return np.asarray(on[chosen])
