"""What a design finds out about one bound: its wrong powers, time, and the runs a HOLDS needs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...theory import Bound, Theorem
from ..cells import Role, promised_failure
from ..discrimination import TIME
from ..fitting.bounds import NEVER, speaks_at, stage_of_named
from ..shape.design import Findable, findable
from ..shape.design_errors import PlannedCell
from ..shape.further_cells import FurtherCells, further_cells
from ..shape.scatter import Scatter
from ..statistics.binomial import runs_to_decide
from ..thresholds import EXACT_BOUND_MISS, TOLERATED_FRACTION

Array = NDArray[np.float64]


@dataclass(frozen=True)
class DesignCell:
    """A cell of a design.

    Attributes:
        name: of the cell.
        role: what it is for; None if its runs take turns.
        values: its numbers by symbol.
        runs: how many.
        inside: whether it meets the theorem's conditions; of a cell that judges nothing, False.
        judges: whether its held-out runs decide bounds; other cells only show powers.
        logged: the steps at which its runs are logged; None if not known.
    """

    name: str
    role: Role | None
    values: Mapping[str, float]
    runs: int
    inside: bool
    judges: bool = True
    logged: Array | None = None

    def of_role(self, role: Role) -> int:
        """Its runs of that role."""
        if not self.judges:
            return 0
        if self.role is None:
            return (self.runs + (role is Role.CALIBRATION)) // 2
        return self.runs if self.role is role else 0


@dataclass(frozen=True)
class Runs:
    """How many held-out runs a HOLDS needs, and how many there are.

    Attributes:
        level: the fraction that may violate.
        clean: needed if none violates.
        one: needed if one violates.
        held_out: there are.
        inside: of these, in cells that meet the theorem's conditions, which decide by themselves.
        calibration: runs on which constants are fitted.
        seeds: runs a cell from which there are enough; 0 if there are.
    """

    level: float
    clean: int
    one: int
    held_out: int
    inside: int
    calibration: int
    seeds: int = 0


@dataclass(frozen=True)
class Schedule:
    """How far the log lets time be judged, in the cell where that is least.

    Attributes:
        first: the first time logged after the clock begins.
        last: the last.
        until: the time up to which constants are fitted.
        points: points beyond it at which room is taken.
        cell: the cell.
        note: what is not known of the stage, or of the log.
    """

    first: float = math.nan
    last: float = math.nan
    until: float = math.nan
    points: int = 0
    cell: str = ""
    note: str = ""


@dataclass(frozen=True)
class BoundDesign:
    """What a design finds out about one bound.

    Attributes:
        name: of the bound.
        formula: the bound.
        constants: what it leaves open.
        numbers: time, if the log says when, and every number.
        own: numbers in its formula.
        further: cells that would let the wrong powers of ½ be found that are not.
        scatter: of its room.
        schedule: how far time is judged.
        runs: how many a HOLDS needs.
        why: why nothing is said of its powers; empty otherwise.
    """

    name: str
    formula: str
    constants: tuple[str, ...]
    numbers: tuple[Findable, ...]
    own: frozenset[str]
    further: tuple[FurtherCells, ...]
    scatter: Scatter
    schedule: Schedule
    runs: Runs
    why: str = ""


@dataclass(frozen=True)
class DesignPower:
    """What a design finds out about a theorem.

    Attributes:
        theorem: its title.
        cells: every cell.
        rule: how cells got their roles.
        bounds: with constants that are open.
        fixed: bounds without, with the runs that a HOLDS needs.
    """

    theorem: str
    cells: tuple[DesignCell, ...]
    rule: str
    bounds: tuple[BoundDesign, ...]
    fixed: Mapping[str, Runs]


def with_powers(
    theorem: Theorem,
    blank: BoundDesign,
    cells: Sequence[DesignCell],
    clocks: Mapping[str, Array],
    scatter: Scatter,
) -> BoundDesign:
    """A bound's design with the powers that cells find.

    Args:
        theorem: whose bound it is; further cells serve all of its bounds.
        blank: as from `bound_design`.
        cells: the cells it speaks of.
        clocks: by cell name, log of the times at which its room is taken.
        scatter: of its room.
    """
    open_ones = [bound for bound in theorem.bounds if bound.constants]
    asked = {name for bound in open_ones for name in _own(theorem, bound)}
    planned = [
        PlannedCell(c.name, c.values, c.runs, tuple(clocks.get(c.name, np.empty(0)).tolist()))
        for c in cells
    ]
    return replace(
        blank,
        numbers=findable(planned, scatter),
        scatter=scatter,
        further=further_cells(planned, scatter, [n for n in planned[0].numbers if n in asked]),
    )


def bound_design(theorem: Theorem, bound: Bound, cells: Sequence[DesignCell]) -> BoundDesign:
    """What a bound is, and the runs it needs; nothing of its powers yet."""
    sign = "<=" if bound.kind == "upper" else ">="
    return BoundDesign(
        bound.name,
        f"{bound.quantity} {sign} {bound.expr}",
        tuple(str(constant) for constant in bound.constants),
        (),
        _own(theorem, bound),
        (),
        Scatter(math.nan),
        Schedule(),
        needed_runs(theorem, cells),
    )


def _own(theorem: Theorem, bound: Bound) -> frozenset[str]:
    """The numbers in a bound's excess."""
    constants = {*bound.constants, *theorem.continuous(bound).constants}
    events = {event.name for event in theorem.events}
    names = {str(symbol) for symbol in bound.excess.free_symbols - constants}
    return frozenset(names - events - {TIME})


def needed_runs(theorem: Theorem, cells: Iterable[DesignCell]) -> Runs:
    """Held-out runs that a HOLDS needs and that there are."""
    judging = [cell for cell in cells if cell.of_role(Role.HELD_OUT)]
    promised = (promised_failure(theorem, cell.values) for cell in judging)
    level = max((TOLERATED_FRACTION, *promised))
    clean, one = (runs_to_decide(level, wrong, miss=EXACT_BOUND_MISS) for wrong in (0, 1))
    held_out = sum(cell.of_role(Role.HELD_OUT) for cell in judging)
    share = held_out / sum(cell.runs for cell in judging) if judging else 0.0
    seeds = math.ceil(clean / (len(judging) * share)) if judging and held_out < clean else 0
    return Runs(
        level,
        clean,
        one,
        held_out,
        sum(cell.of_role(Role.HELD_OUT) for cell in judging if cell.inside),
        sum(cell.of_role(Role.CALIBRATION) for cell in cells),
        seeds,
    )


def shortest(schedules: Sequence[Schedule], note: str) -> Schedule:
    """The schedule that lets time be judged least far."""
    if not schedules:
        return Schedule(note=note)
    worst = min(schedules, key=lambda each: (each.last / each.until, each.points))
    alike = len({(each.first, each.last, each.points) for each in schedules}) == 1
    return replace(worst, cell="" if alike else worst.cell, note=note)


def stage_note(theorem: Theorem, bound: Bound) -> str:
    """What is not known of the bound's stage before there are runs."""
    stage = stage_of_named(theorem, bound.name)
    if (str(stage.start), str(stage.end)) == ("0", NEVER):
        return ""
    return "as if each stage were the whole run, since its ends are not known yet"


def fixed_bounds(theorem: Theorem, cells: Sequence[DesignCell]) -> dict[str, Runs]:
    """The bounds that leave no constant open, and the held-out runs that a HOLDS needs."""
    return {
        bound.name: needed_runs(theorem, [c for c in cells if speaks_at(bound, c.values)])
        for bound in theorem.bounds
        if not bound.constants
    }
