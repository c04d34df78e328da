"""What ``bofcheck design`` prints: a table for each bound, and in plain words what would help."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..compare.cells import Role
from ..compare.shape.design import CHANCES, WANTED, Findable
from ..compare.shape.further_cells import FurtherCells
from ..compare.shape.scatter import Scatter
from ..compare.thresholds import FIT_MIN_RUNS
from ..compare.userdata.bound_design import BoundDesign, DesignCell, DesignPower, Runs, Schedule
from .console import OutputConsole

#: Why a number has no power at all.
_STILL = "it does not vary"
#: A range beyond which a factor is not named.
_LARGE = 1e6


def print_design(design: DesignPower) -> None:
    """Print the design, bounds of which the same is said together."""
    console = OutputConsole()
    _say(console, f"{design.theorem}: what this design would find")
    for line in _cells(design):
        _say(console, line)
    for alike in _alike(design.bounds):
        bound = alike[0]
        console.print()
        for each in alike:
            _say(console, f"{each.name}: {each.formula}")
        if bound.why:
            _say(console, f"nothing is known of its powers: {bound.why}")
        else:
            _say(console, _scatter(bound.scatter))
            if any(each.why != _STILL for each in bound.numbers):
                console.print(_table(bound.numbers))
            own = frozenset().union(*(each.own for each in alike))
            for line in (*_hints(bound, own), *_further(bound.further), _time(bound.schedule)):
                _say(console, line)
        _say(console, _needed(bound.runs))
        if bound.runs.calibration < FIT_MIN_RUNS:
            few = f"{FIT_MIN_RUNS} calibration runs are needed to fit constants"
            _say(console, f"{few}; there are {bound.runs.calibration}")
    for runs in dict.fromkeys(design.fixed.values()):
        names = ", ".join(name for name, other in design.fixed.items() if other == runs)
        console.print()
        _say(console, f"{names}: no constant is open, so no wrong power is asked about")
        _say(console, _needed(runs))


def _say(console: Console, line: str) -> None:
    console.print(Text(line), soft_wrap=not console.is_terminal)


def _alike(bounds: Sequence[BoundDesign]) -> list[list[BoundDesign]]:
    """Bounds in groups of which the same is said."""

    def said(bound: BoundDesign) -> BoundDesign:
        return replace(bound, name="", formula="", constants=(), own=frozenset())

    groups: list[list[BoundDesign]] = []
    for bound in bounds:
        home = next((group for group in groups if said(group[0]) == said(bound)), None)
        if home is None:
            groups.append([bound])
        else:
            home.append(bound)
    return groups


def _cells(design: DesignPower) -> Iterator[str]:
    """How many cells and runs, and who does what."""
    cells = design.cells
    counts = sorted({cell.runs for cell in cells})
    runs = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    yield f"{_count(len(cells), 'cell')} of {runs} runs; roles: {design.rule}"
    judging = [cell for cell in cells if cell.judges]
    for role, word in ((Role.CALIBRATION, "calibrate"), (Role.HELD_OUT, "judge")):
        chosen = [cell for cell in judging if cell.role in (role, None)]
        inside = sum(cell.inside for cell in chosen)
        some = "" if inside == len(chosen) else f", {inside} inside the conditions"
        if chosen:
            yield f"{word} ({len(chosen)}{some}): {', '.join(cell.name for cell in chosen)}"
    others = [cell for cell in cells if not cell.judges]
    if others:
        yield f"only show powers ({len(others)}): {_ends(others)}"


def _ends(cells: Sequence[DesignCell]) -> str:
    return f"{cells[0].name} to {cells[-1].name}" if len(cells) > 1 else cells[0].name


def _scatter(scatter: Scatter) -> str:
    """The scatter in words.

    >>> _scatter(Scatter(0.1, run_powers=0.05))
    'scatter assumed (--scatter): 0.1 between runs, and as much between the points of a run'
    """
    if not scatter.measured:
        said = f"scatter assumed (--scatter): {scatter.runs:.2g} between runs"
        return f"{said}, and as much between the points of a run" if scatter.run_powers else said
    said = f"scatter measured: {scatter.runs:.2g} between runs, {scatter.cells:.2g} between cells"
    if scatter.run_powers:
        said += f"; of the power of t {scatter.run_powers:.2g} and {scatter.cell_powers:.2g}"
    return said


def _table(numbers: Sequence[Findable]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("number", no_wrap=True)
    columns = ("varied", *(f"found with {chance:.0%}" for chance in CHANCES), "±1/2", "±1")
    for name in columns:
        table.add_column(name, justify="right")
    for each in numbers:
        if each.why == _STILL:
            continue
        sizes = [_size(size) for size in each.sizes]
        chances = [_percent(each, power) for power in (WANTED, 1.0)]
        table.add_row(each.name, _factor(each.varied), *sizes, *chances)
    return table


def _size(size: float) -> str:
    return f"{size:.2g}" if math.isfinite(size) else "-"


def _percent(each: Findable, power: float) -> str:
    if each.why:
        return "no"
    chance = each.chance(power)
    return ">99%" if chance > 0.99 else "<1%" if chance < 0.01 else f"{chance:.0%}"


def _factor(varied: float) -> str:
    """A range as a factor.

    >>> _factor(4.0), _factor(19960.9), _factor(2.5e8), _factor(math.nan)
    ('4x', '19,961x', '2.5e+08x', '-')
    """
    if not math.isfinite(varied):
        return "-"
    return f"{varied:,.0f}x" if 1000 <= varied < _LARGE else f"{varied:.3g}x"


def _hints(bound: BoundDesign, own: Collection[str]) -> Iterator[str]:
    """What varies too little, or together, and what would do."""
    still = [each.name for each in bound.numbers if each.why == _STILL]
    if mine := [name for name in still if name in own]:
        yield f"in a formula, but not varied, so that no power is found: {', '.join(mine)}"
    if rest := [name for name in still if name not in own]:
        yield f"in no formula and not varied: {', '.join(rest)}"
    for names in dict.fromkeys(frozenset({e.name, *e.together}) for e in bound.numbers):
        if len(names) > 1:
            listed = ", ".join(each.name for each in bound.numbers if each.name in names)
            yield (
                f"{listed} vary together, so that no power of any is told: vary each alone in some "
                "cell"
            )
    for each in bound.numbers:
        if each.why and each.why != _STILL and not each.together:
            yield f"{each.name}: {each.why}"
        elif not each.why and each.chance(WANTED) < CHANCES[1]:
            yield f"{each.name}: for ±1/2 with 95% {_help(each)}"


def _help(each: Findable) -> str:
    """What would find its power of a half.

    >>> _help(Findable("h", 1.2, factor=6.2, runs=210))
    'vary it 6.2x (now 1.2x), or take 210 runs a cell'
    >>> _help(Findable("t", 3.4))
    'add cells'
    """
    ways = []
    if math.isfinite(each.factor) and each.factor < _LARGE:
        ways.append(f"vary it {_factor(each.factor)} (now {_factor(each.varied)})")
    if each.runs is not None:
        ways.append(f"take {each.runs:,} runs a cell")
    return ", or ".join(ways) or "add cells"


def _further(further: Sequence[FurtherCells]) -> Iterator[str]:
    """Cells that would do."""
    if further:
        yield "with all of these cells more, ±1/2 of these numbers would be found with 95%:"
    for each in further:
        factors = " and ".join(f"{factor:g}x" for factor in each.factors)
        yield (
            f"  {each.count} cells like {' and '.join(each.like)}, but for {each.number}: "
            f"{factors} smaller and larger"
        )


def _time(schedule: Schedule) -> str:
    """How far the log lets time be judged."""
    if not math.isfinite(schedule.last):
        return f"time: {schedule.note}"
    note = f" ({schedule.note})" if schedule.note else ""
    cell = f", in {schedule.cell}" if schedule.cell else ""
    further = schedule.last / schedule.until
    return (
        f"time{note}: logged from {schedule.first:g} to {schedule.last:g}{cell}; constants are "
        f"fitted up to {schedule.until:.4g} and judged {further:.2g}x further, on "
        f"{_count(schedule.points, 'point')}"
        + ("" if schedule.points > 1 else ", too few for a power of t")
    )


def _needed(runs: Runs) -> str:
    """How many runs a HOLDS needs, and has.

    >>> _needed(Runs(0.05, 59, 93, 80, 80, 40))
    'HOLDS needs 59 held-out runs if none violates, 93 if one does; there are 80'
    >>> _needed(Runs(0.05, 59, 93, 6, 4, 4, seeds=59)).partition("; ")[2]
    'there are 6, of which 4 inside decide by themselves: take 59 runs a cell'
    """
    said = f"HOLDS needs {runs.clean:,} held-out runs if none violates, {runs.one:,} if one does"
    said += f"; there are {runs.held_out:,}"
    if 0 < runs.inside < runs.held_out:
        said += f", of which {runs.inside:,} inside decide by themselves"
    elif not runs.inside and runs.held_out:
        said += ", all outside the conditions"
    return f"{said}: take {runs.seeds:,} runs a cell" if runs.seeds else said


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
