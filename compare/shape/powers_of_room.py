"""The shape of a bound: the power of time, and of every number, by which its room changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..cells import CellResult, Study
from ..discrimination import TIME, NumberShape, Shape
from ..errors import CompareError
from ..fitting.form import Form, form_of
from ..statistics.powers import PowerFit, fit_powers
from ..thresholds import (
    POWER_MATERIAL_SHARE,
    SHAPE_MAX_DROPPED,
    SHAPE_MIN_LEVELS,
    SHAPE_MISS,
    SHAPE_TOLERANCE,
)
from .numbers import Column, columns_of, told_apart
from .reach import reach, reaches
from .rooms import Rooms, judged_shift, rooms

Array = NDArray[np.float64]


def shape_of(
    study: Study, name: str, results: Iterable[CellResult], *, miss: float = SHAPE_MISS
) -> Shape:
    """The powers by which the room of a bound changes with time and with every number.

    Rows are means over the runs of a cell, at points spread over each run's stage; all powers are
    fitted together by least squares, with cells as the units of scatter (CR2, see
    `statistics.powers`). With fewer than three cells only time is asked, with groups of runs as
    the units.

    Args:
        study: whose theorem's bound is meant.
        name: the bound.
        results: the cells.
        miss: chance that one of the intervals misses.
    """
    cells = tuple(results)
    form = form_of(study.theorem, name)
    columns = columns_of([result.values for result in cells])
    for apart in (False, True):
        data = rooms(study, name, cells, apart=apart)
        if data.dropped > SHAPE_MAX_DROPPED:
            why = f"{data.dropped:.0%} of the points have nothing left above the floor"
            return Shape(cells=len(cells), why=why)
        used = np.unique(data.cell)
        if not len(used):
            return Shape(cells=0, why="no run has a point in its stage")
        shape = _fitted(study, form, data, columns, used, apart, miss)
        if shape is not None:
            return shape
    return Shape(cells=len(used), why="too few runs and cells")


def _fitted(
    study: Study,
    form: Form,
    data: Rooms,
    columns: Mapping[str, Column],
    used: NDArray[np.int64],
    apart: bool,
    miss: float,
) -> Shape | None:
    """All powers together, or time alone where cells do not suffice; None if not even that."""
    varying = {name: c for name, c in columns.items() if c.varies(used)}
    told, confounded = told_apart({n: c.logs[used] for n, c in varying.items()})
    timed = bool(np.ptp(data.clock) > 0)
    enough = len(used) > len(told) + timed + 1 and (told or timed)
    shapes: dict[str, NumberShape] = {}
    fit: PowerFit | None = None
    room, shares = data.levelled()
    if not apart:
        if not enough or len(used) < SHAPE_MIN_LEVELS:
            return None
        predictors = {n: varying[n].logs[data.cell] for n in told}
        predictors |= {TIME: data.clock} if timed else {}
        fit = _try(room, predictors, data.cell, shares)
        if fit is None:
            return None
    elif timed:  # each cell has a level of its own; time is told within cells
        centred = [
            column - _means(column, data.group)[data.group]
            for column in (room, data.clock, *shares.T)
        ]
        fit = _try(centred[0], {TIME: centred[1]}, data.group, np.array(centred[2:]).T)
    names = [TIME] if timed else []
    judged = sum(1 for n in (fit.names if fit else ()) if n == TIME or varying[n].power)
    confidence = 1 - miss / max(judged, 1)
    for name in [*names, *columns]:
        column = columns.get(name)
        varied = float(np.exp(np.ptp(data.clock))) if name == TIME else _varied(column, used)
        blank = NumberShape(name, "untested", varied=varied, reach=(0.0, np.inf))
        if name != TIME:
            blank = replace(blank, reach=reach(study.theorem, form.bound, name, data.results))
        if fit is None or name not in fit.names or name in confounded:
            shapes[name] = replace(blank, why=_why_not(name, varying, confounded, apart, used))
            continue
        low, high = _own_interval(study, form, name, *fit.interval(name, confidence))
        critical = _critical(study, form, data, name)
        shape = replace(blank, power=fit[name], low=low, high=high, critical=critical)
        if column is not None and not column.power:
            shape = replace(blank, why="it is 0 in some cell, so that it has no power")
        elif column is not None and column.levels < SHAPE_MIN_LEVELS:
            shape = replace(blank, why=f"it has only {column.levels} values")
        else:
            shape = shape.judged()
            if shape.word == "untested" and np.isinf(high - low):
                shape = replace(shape, why="its power is open, and has no interval")
            elif shape.word == "untested":
                half = (high - low) / 2
                with np.errstate(over="ignore"):
                    needed = float(np.power(varied, half / _telling(fit[name])))
                shape = replace(shape, why=f"{needed:.3g}× would tell, with this scatter")
        shapes[name] = shape
    return Shape(tuple(shapes.values()), len(used))


def _own_interval(
    study: Study, form: Form, name: str, low: float, high: float
) -> tuple[float, float]:
    """The interval of a power, wider by that of the bound's own, if that is open.

    The theorem says of an open power that there is one: room shrinks only if it does for every
    power in the interval that the calibration cells leave.
    """
    if name not in form.own_powers:
        return low, high
    constant, times = form.own_powers[name]
    fitted = study.constants[constant]
    ends = (-np.inf, np.inf) if fitted.limits is None else fitted.limits
    sign = times if form.bound.kind == "upper" else -times
    shifts = [sign * (end - fitted.widened) for end in ends]
    return low + min(*shifts, 0.0), high + max(*shifts, 0.0)


def _critical(study: Study, form: Form, data: Rooms, name: str) -> tuple[float, float]:
    """The power from which the room of some cell is used up before a condition ends it."""
    if name == TIME:
        return (np.inf, 0.0)
    rooms = data.room + judged_shift(study, form)
    ends = reaches(study.theorem, form.bound, name, data.results)
    out = []
    for side in (0, 1):
        powers = [
            float(max(rooms[data.cell == cell].min(), 0.0) / ends[side][cell])
            for cell in np.unique(data.cell)
            if ends[side][cell] > 0
        ]
        out.append(min(powers, default=np.inf))
    return out[0], out[1]


def _telling(power: float) -> float:
    """Half the width of an interval around a power from which it tells: it is sharp, or it is not.

    >>> _telling(0.05), _telling(0.24)
    (0.2, 0.24)
    """
    off = abs(power) >= POWER_MATERIAL_SHARE * SHAPE_TOLERANCE
    return max(SHAPE_TOLERANCE - abs(power), abs(power) if off else 0.0)


def _varied(column: Column | None, used: NDArray[np.int64]) -> float:
    if column is None or not column.power:
        return float("nan")
    return float(np.exp(np.ptp(column.logs[used])))


def _try(
    room: Array, predictors: Mapping[str, Array], cell: NDArray[np.int64], shares: Array
) -> PowerFit | None:
    try:
        return fit_powers(room, predictors, cell, levelled=shares if shares.size else None)
    except CompareError:
        return None


def _means(values: Array, group: NDArray[np.int64]) -> Array:
    counts = np.bincount(group)
    return np.bincount(group, values) / np.maximum(counts, 1)


def _why_not(
    name: str,
    varying: Mapping[str, Column],
    confounded: Mapping[str, tuple[str, ...]],
    apart: bool,
    used: NDArray[np.int64],
) -> str:
    if name == TIME:
        return "the log has too few points in the stage"
    if name not in varying:
        return "it does not vary among the cells"
    if apart:
        return f"{len(used)} cells are too few for {len(varying)} numbers that vary"
    return f"it varies together with {', '.join(confounded.get(name, ()))}"
