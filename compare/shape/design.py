"""Which wrong powers a design of cells and runs would find, before anything is measured.

The standard errors of the powers follow from where the cells are and how far rooms scatter, as in
any regression; those of few cells are counted with the degrees of freedom of `statistics.powers`. A
power is found where its interval excludes 0 and it is far enough from 0 to matter, which has the
chance that a power calculation gives (Cohen 1988, chapter 9), here with the scatter that the
interval itself is estimated from.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, norm
from scipy.stats import t as student

from ..discrimination import TIME
from ..thresholds import (
    POWER_MATERIAL_SHARE,
    SHAPE_MIN_LEVELS,
    SHAPE_MISS,
    SHAPE_TOLERANCE,
)
from .design_errors import Layout, PlannedCell, layout_of, standard_errors
from .numbers import Column
from .scatter import Scatter

Array = NDArray[np.float64]

#: The chances that are asked about.
CHANCES = (0.8, 0.95)
#: The wrong power that a design should find.
WANTED = 0.5
#: Points at which the distribution of a measured scatter is averaged over.
_AVERAGED = 200
#: Powers beyond which none is looked for, and the logarithm beyond which no factor is.
_LARGEST, _LARGEST_LOG = 1e3, 300.0


@dataclass(frozen=True)
class Findable:
    """The wrong powers of a number that a design finds.

    Attributes:
        name: the number, or ``"t"``.
        varied: largest over smallest value; nan of what has no power.
        error: standard error of its power; inf if none is fitted.
        freedom: degrees of freedom of its interval.
        critical: standard errors that the interval reaches.
        why: why no power of it is found, whatever the scatter; empty otherwise.
        together: numbers that it varies together with, so that no power of it is told.
        factor: the largest over smallest value that would find a power of ½ with 95%, with the
            cells as they are otherwise; nan if it does, or none would.
        runs: the runs a cell that would; None if the design does, or no number would.
    """

    name: str
    varied: float
    error: float = math.inf
    freedom: float = 0.0
    critical: float = math.inf
    why: str = ""
    together: tuple[str, ...] = ()
    factor: float = math.nan
    runs: int | None = None

    def chance(self, power: float) -> float:
        """The chance that a bound which is off by this power is found out.

        >>> g = Findable("g", 4.0, error=0.1, freedom=6, critical=3.0)
        >>> round(g.chance(0.0), 3), round(g.chance(0.5), 3)
        (0.016, 0.945)
        """
        return _chance(self, abs(power), self.error)

    @property
    def sizes(self) -> tuple[float, float]:
        """The smallest wrong power found with each of `CHANCES`; inf if none is."""
        first, second = (self._size(chance) for chance in CHANCES)
        return first, second

    def _size(self, chance: float) -> float:
        if self.why or self.chance(_LARGEST) < chance:
            return math.inf
        low, high = 0.0, _LARGEST
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (low, middle) if self.chance(middle) >= chance else (middle, high)
        return high

    @property
    def largest_error(self) -> float:
        """The standard error at which a power of ½ would be found with 95%."""
        low, high = 0.0, 10.0
        for _ in range(60):
            middle = (low + high) / 2
            found = _chance(self, WANTED, middle) >= CHANCES[1]
            low, high = (middle, high) if found else (low, middle)
        return low


def _chance(of: Findable, power: float, error: float) -> float:
    """Averaged over the scatter that the interval is estimated from, which varies as chi does."""
    if of.why or not math.isfinite(error):
        return 0.0
    edge: Array = np.array([POWER_MATERIAL_SHARE * SHAPE_TOLERANCE])
    if error <= 0:
        return float(power >= edge[0])
    edge = np.maximum(edge, of.critical * error * _relative_errors(of.freedom))
    return float(np.mean(norm.sf((edge - power) / error) + norm.cdf((-edge - power) / error)))


@lru_cache(maxsize=256)
def _relative_errors(freedom: float) -> Array:
    """Estimated over true standard errors, evenly spaced in chance."""
    shares = (np.arange(_AVERAGED) + 0.5) / _AVERAGED
    return np.asarray(np.sqrt(chi2.ppf(shares, freedom) / freedom))


def findable(cells: Sequence[PlannedCell], scatter: Scatter) -> tuple[Findable, ...]:
    """The wrong powers that cells find: of time, where the cells have a clock, and of every number.

    Args:
        cells: the design.
        scatter: of the room.

    Example:
        >>> numbers = [{"g": g, "h": h} for g in (0.1, 0.2, 0.4) for h in (0.25, 0.5, 1.0)]
        >>> cells = [PlannedCell(f"c{i}", table, 16) for i, table in enumerate(numbers)]
        >>> [(each.name, round(each.sizes[1], 2)) for each in findable(cells, Scatter(0.1))]
        [('g', 0.21), ('h', 0.21)]
        >>> [each.why for each in findable(cells[:3], Scatter(0.1))]
        ['it does not vary', '']
    """
    without = {
        each.name: each.error
        for each in powers_found(cells, replace(scatter, runs=0.0, run_powers=0.0))
    }
    return tuple(
        found
        if found.why or found.chance(WANTED) >= CHANCES[1]
        else _with_advice(found, without[found.name], cells)
        for found in powers_found(cells, scatter)
    )


def powers_found(cells: Sequence[PlannedCell], scatter: Scatter) -> list[Findable]:
    """As `findable`, without what would help."""
    layout = layout_of(cells)
    errors = standard_errors(layout, scatter)
    judged = sum(1 for name in errors if name == TIME or layout.columns[name].power)
    out = []
    names = dict.fromkeys(name for cell in cells for name in cell.numbers)
    for name in [*([TIME] if layout.timed else []), *names]:
        column = layout.columns.get(name)
        why = _why_not(name, column, layout, errors)
        together = layout.confounded.get(name, ())
        varied = _varied(name, column, layout)
        if why:
            out.append(Findable(name, varied, why=why, together=together))
            continue
        error, freedom = errors[name]
        miss = SHAPE_MISS / (2 * judged)
        critical = float(student.isf(miss, freedom))
        out.append(Findable(name, varied, error, freedom, critical, together=together))
    return out


def _with_advice(found: Findable, without_runs: float, cells: Sequence[PlannedCell]) -> Findable:
    """The same with what would find a power of ½: a larger range, or more runs."""
    target = found.largest_error
    factor = math.nan
    if found.name != TIME:
        factor = math.exp(min(math.log(found.varied) * found.error / target, _LARGEST_LOG))
    runs = None
    if without_runs < target:
        times = (found.error**2 - without_runs**2) / (target**2 - without_runs**2)
        runs = math.ceil(times * float(np.median([cell.runs for cell in cells])))
    return replace(found, factor=factor, runs=runs)


def _varied(name: str, column: Column | None, layout: Layout) -> float:
    if name == TIME:
        return math.exp(layout.clocks)
    if column is None or not column.power:
        return math.nan
    return column.varied


def _why_not(
    name: str,
    column: Column | None,
    layout: Layout,
    errors: Mapping[str, tuple[float, float]],
) -> str:
    if name == TIME:
        return "" if math.isfinite(errors[TIME][0]) else "too few runs"
    if column is None or not column.varies():
        return "it does not vary"
    if name in layout.confounded:
        return f"it varies together with {', '.join(layout.confounded[name])}"
    if not column.power:
        return "it is 0 in some cell, so that it has no power"
    if column.levels < SHAPE_MIN_LEVELS:
        return f"it has only {column.levels} values; {SHAPE_MIN_LEVELS} are needed"
    if not layout.enough:
        cells = len(layout.runs)
        return f"{cells} cells are too few for {len(layout.told)} numbers that vary"
    return ""
