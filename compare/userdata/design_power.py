"""What a design of cells would find out about a theorem's bounds, before it is trained.

The cells come from a preset, from a theorem's ``[training]``, from a file of numbers, or from
curves that are there already. Nothing is trained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ...simulate import log_steps
from ...theory import Bound, Theorem
from ..cells import CellResult, Study, check_numbers, theory_values
from ..design import Design
from ..discrimination import TIME
from ..errors import CompareError
from ..fitting.bounds import speaks_at
from ..fitting.constants import check_fittable, fit_constants
from ..fitting.form import fitted_until, form_of, since_start
from ..fitting.spread import POINTS
from ..shape.rooms import KINDS, rooms, spread_points
from ..shape.scatter import assumed_scatter, measured_scatter
from ..thresholds import FAR_IN_TIME
from ..verify import Plan
from .bound_design import (
    BoundDesign,
    DesignCell,
    DesignPower,
    Schedule,
    bound_design,
    fixed_bounds,
    shortest,
    stage_note,
    with_powers,
)
from .numbers import CellNumbers
from .split import cell_roles

Array = NDArray[np.float64]

#: The scatter between runs that is assumed where nothing is measured, in log units.
ASSUMED = 0.1
#: Runs of a cell where nobody says how many.
RUNS = 8
#: Log of the times, over the length of a stage, at which room is taken if no log schedule is known.
_CLOCK = np.log(np.geomspace(1 / FAR_IN_TIME, 1, POINTS + 1)[1:])
_UNKNOWN = (
    f"no log schedule is known; taken as {POINTS} points in the last {FAR_IN_TIME:g}x of each "
    "stage, where no constant is fitted"
)
#: The only cell of a file of numbers that names none.
_ONLY = "the only cell"


def power_of_problems(
    theorem: Theorem, design: Design, *, seeds: int | None = None, scatter: float = ASSUMED
) -> DesignPower:
    """What the cells of a design find out, which are not trained for it.

    Args:
        theorem: the theorem.
        design: with cells under the theorem's name; only those that show a bound's shape count.
        seeds: runs of a cell; None for the design's.
        scatter: between runs, in log units, which is assumed.

    Raises:
        CompareError: there are no cells, or a number or a fit is missing.

    Example:
        >>> from bofcheck.compare import get_design
        >>> from bofcheck.theory import benign
        >>> found = power_of_problems(benign, get_design("quick"))
        >>> len(found.cells), [bound.name for bound in found.bounds], found.bounds[0].runs.clean
        (72, ['B1', 'B2', 'B3'], 59)
        >>> [each.name for each in found.bounds[1].numbers if each.chance(0.5) > 0.95]
        ['t', 'N', 'mu', 'sigma_V', 'w', 'eta', 'epsilon', 'delta']
    """
    check_fittable(theorem)
    known = [cell for cell in design.cells.get(theorem.name, ()) if cell.kind in KINDS]
    if not known:
        raise CompareError(f"design {design.name!r}: has no cells for {theorem.name}")
    cells = []
    for cell in known:
        values = theory_values(cell.problem)
        logged = log_steps(cell.log_at or design.log_at, cell.steps).astype(float)
        runs = seeds or cell.seeds or design.seeds
        check_numbers(cell.name, theorem, values)
        judges = cell.kind == KINDS[0]
        inside = judges and theorem.check(values).holds
        cells.append(DesignCell(cell.name, cell.role, values, runs, inside, judges, logged))
    return _power(theorem, cells, "fixed with the cells", scatter)


def power_of_numbers(
    theorem: Theorem,
    numbers: CellNumbers,
    *,
    seeds: int | None = None,
    scatter: float = ASSUMED,
) -> DesignPower:
    """What cells with these numbers find out, once they are measured.

    Args:
        theorem: the theorem.
        numbers: of every cell, and roles if they are fixed.
        seeds: runs of a cell; None for 8.
        scatter: between runs, in log units, which is assumed.

    Raises:
        CompareError: a number, a role or a fit is missing.

    Example:
        >>> from bofcheck.theory import get_theorem
        >>> shared = dict(mu=1.0, sigma_p=0.1, d=100, p=0.1, epsilon=0.1, eta=1.0, m=10, q=1,
        ...               sigma_0=0.01)
        >>> numbers = CellNumbers(shared, {f"N{n}": {"N": n} for n in (10, 20, 40, 80)})
        >>> found = power_of_numbers(get_theorem("kou2023"), numbers, seeds=20)
        >>> [cell.name for cell in found.cells if cell.role.value == 'calibration']
        ['N20', 'N40']
        >>> found.bounds[0].runs.held_out, found.bounds[0].runs.clean
        (40, 59)
    """
    check_fittable(theorem)
    names = tuple(numbers.cells) or (_ONLY,)
    tables = {name: numbers.of(name) for name in names}
    for name, values in tables.items():
        check_numbers(name, theorem, values)
    rule, roles = cell_roles(theorem, names, numbers.roles, tables)
    cells = [
        DesignCell(name, roles.get(name), values, seeds or RUNS, theorem.check(values).holds)
        for name, values in tables.items()
    ]
    return _power(theorem, cells, rule, scatter)


def power_of_curves(plan: Plan, *, seeds: int | None = None) -> DesignPower:
    """What a design like that of measured curves finds out, with the scatter that they show.

    Args:
        plan: from `curves_plan`.
        seeds: runs of a cell; None for those that were measured.

    Raises:
        CompareError: the plan has no curves.

    Example:
        >>> from bofcheck.compare.calibration.laws import LAWS
        >>> plan = LAWS["algebraic"].plan(np.random.default_rng(0), LAWS["algebraic"].formula())
        >>> (bound,) = power_of_curves(plan).bounds
        >>> [(each.name, round(each.sizes[0], 2)) for each in bound.numbers]
        [('t', 0.19), ('g', 0.2), ('h', 0.2)]
        >>> bound.schedule.until, bound.schedule.last, round(bound.scatter.runs, 2)
        (750.0, 3000.0, 0.1)
    """
    (part,) = plan.parts
    if not part.results:
        raise CompareError("design: the plan has no measured curves")
    theorem = part.theorem
    study = fit_constants(Study(theorem, part.results))
    cells = [
        DesignCell(
            result.cell.name,
            result.cell.role,
            result.values,
            seeds or int(result.ok.sum()),
            result.inside,
        )
        for result in part.results
    ]
    bounds = []
    for bound in theorem.bounds:
        results = tuple(r for r in part.results if speaks_at(bound, r.values))
        if bound.constants:
            mine = [c for c, r in zip(cells, part.results, strict=True) if r in results]
            bounds.append(_measured(study, bound, mine, results))
    rule = str(plan.settings.get("split", ""))
    return DesignPower(
        theorem.title, tuple(cells), rule, tuple(bounds), fixed_bounds(theorem, cells)
    )


def _measured(
    study: Study, bound: Bound, cells: Sequence[DesignCell], results: tuple[CellResult, ...]
) -> BoundDesign:
    """With the scatter and the clock of measured curves."""
    blank = bound_design(study.theorem, bound, cells)
    measured = [r for r in results if bound.quantity in r.trajectory.quantities]
    if len(measured) < len(results) or not results:
        why = (
            f"the curves have no {bound.quantity}" if results else "no cell meets what it asks for"
        )
        return replace(blank, why=why)
    names = [str(constant) for constant in bound.constants]
    if len(names) > 1 and any(name not in study.constants for name in names):
        why = study.constants.failures.get(bound.name, "it was not fitted")
        return replace(blank, why=f"no value for its constants: {why}")
    apart = rooms(study, bound.name, results, apart=True)
    tables = [cell.values for cell in cells]
    runs = [max(int(r.ok.sum()), 1) for r in results]
    scatter = measured_scatter(apart, tables, runs) if apart.room.size else None
    if scatter is None:
        return replace(blank, why="too few runs have points in its stage to measure their scatter")
    means = rooms(study, bound.name, results, apart=False)
    clocks = {cell.name: means.clock[means.cell == at] for at, cell in enumerate(cells)}
    found = with_powers(study.theorem, blank, cells, clocks, scatter)
    return replace(found, schedule=_seen(study, bound, results, clocks))


def _seen(
    study: Study, bound: Bound, results: Sequence[CellResult], clocks: Mapping[str, Array]
) -> Schedule:
    """Where measured runs of a cell have points, by the clock of the bound."""
    form = form_of(study.theorem, bound.name)
    out = []
    for result in results:
        since = since_start(result, form)
        since = since[np.isfinite(since) & (since > 0)]
        if since.size:
            first, last = float(since.min()), float(since.max())
            until = float(fitted_until(first, last))
            points = len(clocks[result.cell.name])
            out.append(Schedule(first, last, until, points, result.cell.name))
    return shortest(out, "" if out else "the curves have a single step")


def _power(
    theorem: Theorem, cells: Sequence[DesignCell], rule: str, between_runs: float
) -> DesignPower:
    """With an assumed scatter, and the clock of log schedules as if stages were whole runs."""
    bounds = []
    for bound in theorem.bounds:
        if not bound.constants:
            continue
        mine = [cell for cell in cells if speaks_at(bound, cell.values)]
        blank = bound_design(theorem, bound, mine)
        if not mine:
            bounds.append(replace(blank, why="no cell meets what it asks for"))
            continue
        note = stage_note(theorem, bound)
        clocks, schedules = {}, []
        for cell in mine:
            if cell.logged is not None:
                clock, schedule = _planned(cell, cell.logged)
                clocks[cell.name] = clock
                schedules.append(schedule)
            elif TIME in {str(symbol) for symbol in bound.excess.free_symbols}:
                clocks[cell.name] = _CLOCK
        longest = max(clocks.values(), key=len, default=np.empty(0))
        scatter = assumed_scatter(between_runs, longest.tolist())
        found = with_powers(theorem, blank, mine, clocks, scatter)
        if not schedules:
            note = _UNKNOWN if clocks else "no log schedule is known, and the bound has no t"
        bounds.append(replace(found, schedule=shortest(schedules, note)))
    return DesignPower(
        theorem.title, tuple(cells), rule, tuple(bounds), fixed_bounds(theorem, cells)
    )


def _planned(cell: DesignCell, logged: Array) -> tuple[Array, Schedule]:
    """Log of the times at which a run's room is taken, and how far they reach."""
    since = logged[logged > 0]
    if not since.size:
        return np.empty(0), Schedule(cell=cell.name)
    first, last = float(since[0]), float(since[-1])
    until = float(fitted_until(first, last))
    far = logged > until
    at = spread_points(logged, far if far.any() else logged > 0)
    return np.log(logged[at]), Schedule(first, last, until, len(at), cell.name)
