"""The room that a bound leaves above the data, at points spread over the far part of each stage.

Far is where no constant is fitted: there what a stage begins with has died away, and from there the
bound speaks of everything that comes later.

Constants drop out of its powers: where an open factor multiplies the bound, the room in logarithms
shifts as a whole. A power that is open itself is put in as it is judged. A sum of several terms is
taken with the constants, within the slack of those judged, at which its room changes least (any
size of one that is fitted as 0): the theorem says that there are some.
Of a bound C·exp(-k·x) the rate k is the constant, so the decay since the stage began is compared
with x, and log k is what shifts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from sympy import Expr, Symbol

from ...theory import Bound, Theorem, evaluate
from ...theory.evaluation.numbers import symbol_names
from ..cells import CellResult, Study
from ..discrimination import TIME
from ..fitting.additive import why_not
from ..fitting.bounds import (
    bound_along,
    log_excess,
    measures,
    run_values,
    speaks_of,
    stage_ends,
    stage_number,
    stage_of_named,
)
from ..fitting.form import Form, form_of, near_part, since_start, stage_length
from ..fitting.spread import GROUPS, POINTS, grouped, spread
from ..thresholds import SLACK_C

Array = NDArray[np.float64]

#: Kinds of cells whose runs show a bound's shape.
KINDS = ("stage", "powers")
#: Decay in nats, at the usual rate, from which the exponent of a bound is compared.
MATERIAL_DECAY = 0.5
_TINY = np.finfo(float).tiny
#: A decay that is not one, relative to the largest: its logarithm must be a number.
_NO_DECAY = 1e-6


@dataclass(frozen=True)
class Rooms:
    """Rows at which the room of a bound is known: means over a cell's runs, point by point.

    Attributes:
        room: (n,) log of the room; of a decaying bound, log of measured decay over its exponent.
        clock: (n,) log of the time since the clock began; of a stage that an event ends, over
            the length of the run's own stage.
        cell: (n,) index of the row's cell.
        group: (n,) index of the row's group of runs; of the cell where runs are not kept apart.
        results: the cells.
        dropped: share of the points at which nothing is left above the floor.
        shares: (n, K) share of the bound that each constant of a sum multiplies, as judged; of one
            that is fitted as 0, what it multiplies, scaled.
        zero: (K,) which constants are fitted as 0, so that their size is open.
        sign: by which a larger bound changes the room.
    """

    room: Array
    clock: Array
    cell: NDArray[np.int64]
    group: NDArray[np.int64]
    results: tuple[CellResult, ...]
    dropped: float
    shares: Array
    zero: NDArray[np.bool_]
    sign: float

    def levelled(self) -> tuple[Array, Array]:
        """The room with the constants of a sum, within the slack, at which it changes least.

        Returns:
            (n,) the room, and (n, K) how it changes with each constant.

        >>> shares, cell = np.array([[0.2], [0.5], [0.8]]), np.arange(3)
        >>> bent = -np.log(1 + shares[:, 0])  # the constant is twice as large
        >>> data = Rooms(bent, bent, cell, cell, (), 0.0, shares, np.array([False]), 1.0)
        >>> flat, _ = data.levelled()
        >>> bool(np.ptp(flat) < 1e-3)
        True
        """
        if not self.shares.size:
            return self.room, self.shares

        def moved(more: Array) -> Array:
            return np.asarray(self.room + self.sign * np.log1p(self.shares @ more))

        def off(more: Array) -> Array:
            room = moved(more)
            return np.asarray(room - room.mean())

        start = np.where(self.zero, 1.0, 0.0)
        low = np.where(self.zero, 0.0, 1 / SLACK_C - 1)
        high = np.where(self.zero, np.inf, SLACK_C - 1)
        more = least_squares(off, start, bounds=(low, high)).x
        return moved(more), self.shares / (1 + self.shares @ more)[:, None]


def shape_cells(study: Study, name: str) -> tuple[CellResult, ...]:
    """The cells whose runs show a bound's shape: those that it speaks of and that measure it."""
    bound = study.theorem.bound(name)
    return tuple(
        result
        for result in study.results
        if result.cell.kind in KINDS
        and bound.quantity in result.trajectory.quantities
        and speaks_of(bound, result)
    )


def rooms(study: Study, name: str, results: tuple[CellResult, ...], *, apart: bool) -> Rooms:
    """The room a bound leaves in some cells.

    Args:
        study: whose theorem's bound is meant; its constants are used, but for its factors.
        name: the bound.
        results: the cells.
        apart: whether groups of runs are rows of their own.
    """
    form = form_of(study.theorem, name)
    points = [_of_runs(study, result, form) for result in results]
    if form.exponent is not None:
        points = _of_decay(points, 1.0 if form.bound.kind == "upper" else -1.0)
    rows: list[tuple[Array, Array, Array, int, int]] = []
    groups = 0
    constants = summed(form)
    for index, (result, part) in enumerate(zip(results, points, strict=True)):
        known = np.flatnonzero(np.isfinite(part.room).any(axis=1))
        measured = result.trajectory[form.bound.quantity][known]
        runs = [row[~np.isnan(row)] for row in measured]  # whatever other runs' steps leave blank
        room = part.room[known]
        clock = np.where(np.isfinite(room), part.clock[known], np.nan)
        own = np.where(np.isfinite(room)[..., None], part.shares[known], np.nan)
        for members in grouped(runs, GROUPS if apart else 1):
            level, time = _mean(room[members]), _mean(clock[members])
            good = np.isfinite(level)
            if good.any():
                rows.append((level[good], time[good], _mean(own[members])[good], index, groups))
                groups += 1
    found = sum(int(np.isfinite(part.clock).sum()) for part in points)
    lost = sum(int(part.empty.sum()) for part in points)
    nothing = np.empty(0)
    shares = np.concatenate([row[2] for row in rows]) if rows else np.empty((0, len(constants)))
    zero = np.array([_fitted_as_0(study, constant) for constant in constants], dtype=bool)
    sizes = [len(row[0]) for row in rows]
    return Rooms(
        np.concatenate([row[0] for row in rows]) if rows else nothing,
        np.concatenate([row[1] for row in rows]) if rows else nothing,
        np.repeat([row[3] for row in rows], sizes).astype(int),
        np.repeat([row[4] for row in rows], sizes).astype(int),
        results,
        lost / found if found else 0.0,
        shares / np.where(zero, np.maximum(shares.max(axis=0, initial=0.0), _TINY), 1.0),
        zero,
        1.0 if form.bound.kind == "upper" else -1.0,
    )


def summed(form: Form) -> tuple[Symbol, ...]:
    """The constants that multiply a term of a sum each; empty if the bound is not such a sum."""
    alone = [c for c in form.bound.constants if str(c) not in form.factors]
    if form.exponent is not None or not alone or why_not([form.bound]):
        return ()
    return tuple(form.bound.constants)


def rates_allowed(study: Study, name: str) -> dict[str, float]:
    """The rate that each stage cell allows a decaying bound: of an upper bound the largest.

    Args:
        study: whose theorem's bound is meant.
        name: the bound.

    Returns:
        Cell -> the smallest ratio of measured decay since the stage began and the bound's exponent,
        for a lower bound the largest; empty if no rate is open.
    """
    form = form_of(study.theorem, name)
    out: dict[str, float] = {}
    if form.exponent is None:
        return out
    sign = 1.0 if form.bound.kind == "upper" else -1.0
    cells = [result for result in shape_cells(study, name) if result.cell.kind == "stage"]
    for result, part in zip(
        cells, _of_decay([_of_runs(study, each, form) for each in cells], sign), strict=True
    ):
        known = part.room[np.isfinite(part.room)]
        if known.size:
            out[result.cell.name] = float(np.exp(sign * known.min()))
    return out


def _mean(values: Array) -> Array:
    """Mean over runs of what is known, to the last bit the same for any order of runs."""
    known = np.isfinite(values)
    count = known.sum(axis=0)
    total = np.sort(np.where(known, values, 0.0), axis=0).sum(axis=0)
    return np.asarray(np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0))


@dataclass(frozen=True)
class _Points:
    """(R, POINTS) each: room or decay, its clock, where no excess is left, and the exponent.

    The shares of a sum are (R, POINTS, K).
    """

    room: Array
    clock: Array
    empty: NDArray[np.bool_]
    gain: Array
    shares: Array


def _of_runs(study: Study, result: CellResult, form: Form) -> _Points:
    """The points of each run; where the bound decays by a rate, its decay instead of its room."""
    bound = form.bound
    shape = (len(result.trajectory.seeds), POINTS)
    constants = summed(form)
    out = _Points(
        np.full(shape, np.nan),
        np.full(shape, np.nan),
        np.zeros(shape, dtype=bool),
        np.full(shape, np.nan),
        np.full((*shape, len(constants)), np.nan),
    )
    if not measures(result, bound) or not speaks_of(bound, result):
        return out
    stage = stage_of_named(study.theorem, bound.name)
    measured = ~np.isnan(result.trajectory[bound.quantity])
    inside = (stage_number(study, result) == stage.number) & measured & result.good[:, None]
    since = since_start(result, form)
    excess = log_excess(study, result, bound)
    gain = np.ones(inside.shape)
    if form.exponent is None:
        along = _log_bound(study, result, form)
        with np.errstate(invalid="ignore"):
            value = along - excess if bound.kind == "upper" else excess - along
    else:
        value, gain = _decay(study, result, form, inside, excess)
    parts = [_share(study, result, bound, constant, inside.shape) for constant in constants]
    length = stage_length(study, result, bound.name)
    far = inside & ~near_part(study, result, bound.name)
    if not (inside & (since > 0)).any():
        since = np.ones(since.shape)  # measured once, at step 0: there is no time
    for run in np.flatnonzero(inside.any(axis=1)):
        at = spread_points(since[run], far[run] if far[run].any() else inside[run])
        out.room[run, : len(at)], out.gain[run, : len(at)] = value[run, at], gain[run, at]
        for column, share in enumerate(parts):
            out.shares[run, : len(at), column] = share[run, at]
        with np.errstate(divide="ignore"):
            out.clock[run, : len(at)] = np.log(since[run, at] / length[run])
        out.empty[run, : len(at)] = np.isneginf(excess[run, at])
    return out


def _of_decay(points: list[_Points], sign: float) -> list[_Points]:
    """Log of decay over exponent, where the exponent at the usual rate says enough of a decay."""
    ratios = [part.room[part.gain > 0] / part.gain[part.gain > 0] for part in points]
    known = np.concatenate([ratio[np.isfinite(ratio)] for ratio in ratios])
    usual = float(np.median(known)) if known.size else 0.0
    largest = max(
        (float(np.max(p.room[np.isfinite(p.room)], initial=0.0)) for p in points), default=0.0
    )
    floor = _NO_DECAY * max(1.0, largest)
    out = []
    for part in points:
        use = np.isfinite(part.room) & (part.gain > 0)
        use &= (usual * part.gain >= MATERIAL_DECAY) | (usual <= 0)
        room = np.full(part.room.shape, np.nan)
        room[use] = np.log(np.maximum(part.room[use], floor)) - np.log(part.gain[use])
        out.append(replace(part, room=sign * room))
    return out


def judged_shift(study: Study, form: Form) -> float:
    """What the constants as they are judged add to the room of `rooms`; 0 if that is not known."""
    shifting = list(form.factors)
    sign = 1.0 if form.bound.kind == "upper" else -1.0
    if form.exponent is not None:
        terms = study.theorem.bound(form.bound.name).envelope_terms()
        shifting = [str(rate) for rate in terms.rates]
        sign = -sign
    values = [study.constants[name].widened for name in shifting if name in study.constants]
    if len(values) < len(shifting) or not all(0 < value < np.inf for value in values):
        return 0.0
    return float(sign * np.log(values).sum())


def _log_bound(study: Study, result: CellResult, form: Form) -> Array:
    """(R, T) log of the bound's excess as judged; factors, which only shift it, are taken as 1."""
    constants = study.constants.widened() | dict.fromkeys(form.factors, 1.0)
    return bound_along(study, result, study.theorem.bound(form.bound.name), constants, log=True)


def _share(
    study: Study, result: CellResult, bound: Bound, constant: Symbol, shape: tuple[int, ...]
) -> Array:
    """(R, T) share of the judged excess that a constant multiplies."""
    values = run_values(result, stage_ends(study.theorem)) | study.constants.widened()
    unit = 1.0 if _fitted_as_0(study, constant) else constant
    return _evaluated(unit * bound.excess.diff(constant) / bound.excess, values, shape)


def _fitted_as_0(study: Study, constant: Symbol) -> bool:
    known = study.constants.fitted.get(str(constant))
    return known is not None and known.value == 0


def _decay(
    study: Study, result: CellResult, form: Form, inside: NDArray[np.bool_], excess: Array
) -> tuple[Array, Array]:
    """(R, T) each: the decay since the stage began, and the exponent's gain since then.

    An exponent without a time does not gain: its decay is that from where it is 0.
    """
    values = run_values(result, stage_ends(study.theorem))
    x = _evaluated(form.exponent, values, inside.shape)
    with np.errstate(invalid="ignore"):
        level = excess - _evaluated(form.offset, values, inside.shape)
    gained, gain = np.full(inside.shape, np.nan), np.full(inside.shape, np.nan)
    if not _clocks(study.theorem, form):
        at_zero = sum(np.log(study.constants[name].widened) for name in form.factors)
        gained[inside], gain[inside] = at_zero - level[inside], x[inside]
        return gained, gain
    for run in np.flatnonzero(inside.any(axis=1)):
        on = np.flatnonzero(inside[run])
        with np.errstate(invalid="ignore"):
            gained[run, on] = level[run, on[0]] - level[run, on]
            gain[run, on] = x[run, on] - x[run, on[0]]
    return gained, gain


def _clocks(theorem: Theorem, form: Form) -> set[str]:
    """The names in a bound's exponent that change during a run."""
    assert form.exponent is not None
    moving = {TIME, *form.bound.logged, *(event.name for event in theorem.events)}
    return moving & {str(symbol) for symbol in form.exponent.free_symbols}


def _evaluated(
    expr: Expr | None, values: dict[str, Array | float], shape: tuple[int, ...]
) -> Array:
    names = frozenset() if expr is None else symbol_names(expr)
    given = {name: value for name, value in values.items() if name in names}
    return np.broadcast_to(np.asarray(evaluate(expr, given, absolute=True), dtype=float), shape)


def spread_points(since: Array, inside: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Points of one run's stage, evenly spaced in log time as far as they were logged.

    >>> spread_points(np.arange(100.0), np.arange(100) > 24)
    array([25, 30, 37, 45, 55, 67, 81, 99])
    """
    on = np.flatnonzero(inside & (since > 0))
    return np.asarray(on[spread(np.log(since[on]))])
