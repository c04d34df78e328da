"""A free power, C·t**(-a): factors and powers of bounds that share constants, together.

The logarithm of such a bound is linear in log C and a, so the tightest is found as an envelope's
is. Half or twice a power would be another law altogether: widened, the power of time is the end of
its own interval at which the bound is weaker later on, and the factor is the factor which that
power needs. Of a power of another number either end is the weaker on one side of the numbers it
was fitted on; there the power is that of least squares, of which a few extreme runs are no part,
and the slack on the factor is all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...theory import Bound
from ..cells import CellResult, Study
from ..constants import Fitted
from ..errors import CompareError
from ..statistics.powers import fit_powers
from ..thresholds import FREE_POWER_MISS, SHAPE_MIN_LEVELS, SLACK_C, SLACK_K
from .envelope import raises_bound, users, without_idle_rates
from .log_linear import LogPoints, factor, log_points, log_terms, not_log_linear, tightest
from .points import NotFittableError
from .spread import GROUPS, grouped, spread

Array = NDArray[np.float64]

#: How the form is written in a theorem's file.
WRITTEN = "C*t**(-a)"
#: Smallest singular value, relative to the largest, of numbers that tell constants apart.
_TOLD_APART = 1e-8
#: Difference of logarithms of factors that is not mentioned.
_SAME = 1e-3


def why_not(bounds: Sequence[Bound]) -> str:
    """Why bounds are not of this form; empty if they are."""
    if why := not_log_linear(bounds):
        return why
    return "" if _powers(bounds) else "no power is open"


def fit(study: Study, cells: Sequence[CellResult], bounds: Sequence[Bound]) -> dict[str, Fitted]:
    """The tightest bound above every calibration point; then that with the powers widened."""
    upper = bounds[0].kind == "upper"
    points = log_points(study, cells, bounds)
    _check_told_apart(points)
    fitted = without_idle_rates(points, tightest(points, upper=upper))
    powers = _powers(bounds)
    found = _least_squares(points, fitted, powers)
    middle = {n: max(found[n][0], 0.0) for n, timed in powers.items() if not timed and n in found}
    if middle:
        fitted = tightest(points, upper=upper, fixed=middle)
    best = dict(zip(points.names, fitted.tolist(), strict=True))
    widened = {
        name: _weaker(points, name, best[name], found, upper=upper) if timed else best[name]
        for name, timed in powers.items()
    }
    judged = tightest(points, upper=upper, fixed=widened)
    out = {}
    for column, name in enumerate(points.names):
        note = ""
        if name in powers:
            value, wide = best[name], widened[name]
            note = "with its own 95% interval"
            if name not in found:
                note = "too few calibration cells for its interval"
        else:
            multiplies = column < points.factors
            slack = (SLACK_C if multiplies else 1 / SLACK_K) ** (
                1 if raises_bound(points, column) == upper else -1
            )
            shown = factor if multiplies else float
            value, wide = shown(fitted[column]), shown(judged[column]) * slack
            if not np.isclose(fitted[column], judged[column], rtol=0.0, atol=_SAME):
                note = f"{wide / slack:.3g} with the widened power, before its own slack"
        out[name] = Fitted(
            name=name, value=value, widened=wide, bounds=users(name, bounds), runs=points.runs,
            points=len(points.target), note=note,
            limits=found[name][1:] if name in powers and name in found else None,
        )  # fmt: skip
    return out


def _powers(bounds: Sequence[Bound]) -> dict[str, bool]:
    """The open powers, and whether each is a power of time."""
    return {
        str(power): "t" in {str(symbol) for symbol in part.rates[power].free_symbols}
        for part in log_terms(bounds).values()
        for power in part.powers
    }


def _check_told_apart(points: LogPoints) -> None:
    """Raise unless the points tell every factor, rate and power from the others."""
    scaled = points.matrix / np.linalg.norm(points.matrix, axis=0)
    _, sizes, directions = np.linalg.svd(scaled, full_matrices=False)
    if sizes[-1] <= _TOLD_APART * sizes[0]:
        mixed = [
            name
            for name, load in zip(points.names, np.abs(directions[-1]), strict=True)
            if load > _TOLD_APART
        ]
        raise NotFittableError(
            f"calibration points do not tell {' and '.join(mixed)} apart: what is under the power "
            "does not vary among them"
        )


def _weaker(
    points: LogPoints,
    name: str,
    value: float,
    found: Mapping[str, tuple[float, float, float]],
    *,
    upper: bool,
) -> float:
    """The end of a power's interval at which the bound is weaker late, or the power if that is."""
    if name not in found:
        raise NotFittableError(
            f"the calibration cells are too few for an interval of {name}; "
            f"{SHAPE_MIN_LEVELS} are needed"
        )
    _, low, high = found[name]
    column = points.matrix[:, points.names.index(name)]
    rises = [column[rows[-1]] - column[rows[0]] for _, rows in _runs(points)]
    if (sum(rises) > 0) == upper:
        return max(value, high)
    return max(min(value, low), 0.0)


def _least_squares(
    points: LogPoints, fitted: Array, powers: Mapping[str, bool]
) -> dict[str, tuple[float, float, float]]:
    """Each power and its interval: least squares on the log of the excess, cells as the units.

    A power of time is told within cells, whose levels are their own, and with few cells groups of
    runs are the units; powers of other numbers are told between cells. Those too few cells decide
    are left out.
    """
    beside = enumerate(points.names)
    rest = [at for at, name in beside if at >= points.factors and name not in powers]
    response = points.target - points.matrix[:, rest] @ fitted[rest]
    timed = [name for name, of_time in powers.items() if of_time]
    apart = len(np.unique(points.cell)) < SHAPE_MIN_LEVELS
    out: dict[str, tuple[float, float, float]] = {}
    if timed:
        within = _averaged(points, response, timed, apart=apart)
        unit = within.group if apart else within.cell
        centred = within.centred()
        out |= _intervals(centred.response, centred.columns, unit, timed)
    if len(timed) < len(powers):
        every = list(powers)
        between = _averaged(points, response, every, apart=False)
        found = _intervals(between.response, between.columns, between.cell, every)
        out |= {name: each for name, each in found.items() if name not in timed}
    return out


def _intervals(
    response: Array, columns: Array, unit: NDArray[np.int64], names: Sequence[str]
) -> dict[str, tuple[float, float, float]]:
    predictors = dict(zip(names, columns.T, strict=True))
    try:
        found = fit_powers(response, predictors, unit, confidence=1 - FREE_POWER_MISS)
    except CompareError:
        return {}
    return {name: (found[name], *found.interval(name)) for name in names}


@dataclass(frozen=True)
class _Averages:
    """Means over runs, point by point.

    Attributes:
        response: (m,) log of the excess less all that is not a factor or a power.
        columns: (m, K) what multiplies each power.
        cell: (m,) index of the cell.
        group: (m,) index of the group of runs.
    """

    response: Array
    columns: Array
    cell: NDArray[np.int64]
    group: NDArray[np.int64]

    def centred(self) -> _Averages:
        """The same less the mean of each group."""
        counts = np.bincount(self.group)

        def less_mean(values: Array) -> Array:
            return np.asarray(values - (np.bincount(self.group, values) / counts)[self.group])

        columns = np.column_stack([less_mean(column) for column in self.columns.T])
        return _Averages(less_mean(self.response), columns, self.cell, self.group)


def _averaged(
    points: LogPoints, response: Array, names: Sequence[str], *, apart: bool
) -> _Averages:
    """A few points of every run, averaged over a cell's runs or over groups of them."""
    columns = points.matrix[:, [points.names.index(name) for name in names]]
    table = np.column_stack([response, columns])
    members: dict[int, list[Array]] = {}
    cells: dict[int, int] = {}
    for part, rows in _runs(points):
        clock = columns[rows][:, np.ptp(columns[rows], axis=0).argmax()]
        chosen = rows[spread(clock)]
        members.setdefault(part, []).append(table[chosen])
        cells[part] = int(points.cell[rows[0]])
    rows_, homes, groups = [], [], 0
    group_of: list[int] = []
    for part, runs in members.items():
        for piece in grouped(runs, GROUPS if apart else 1):
            ranked = [runs[at] for at in piece]
            for rank in range(max(len(run) for run in ranked)):
                rows_.append(np.mean([run[rank] for run in ranked if len(run) > rank], axis=0))
                homes.append(cells[part])
                group_of.append(groups)
            groups += 1
    out = np.array(rows_)
    return _Averages(out[:, 0], out[:, 1:], np.array(homes), np.array(group_of))


def _runs(points: LogPoints) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """The part, a cell and bound, and the points of every run there, in order of time."""
    keys = points.part * (int(points.owner.max()) + 1) + points.owner
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    for rows in np.split(order, starts[1:]):
        yield int(points.part[rows[0]]), rows
