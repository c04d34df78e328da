"""Cells that would let a design find wrong powers of a half where it finds none."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..discrimination import TIME
from .design import CHANCES, WANTED, powers_found
from .design_errors import PlannedCell
from .numbers import columns_of
from .scatter import Scatter

#: What is tried: how many cells are taken, and by which factors a number then differs.
TRIED = tuple(
    (count, factors)
    for count, squared in ((1, False), (2, False), (1, True), (3, False), (2, True))
    for factor in (2.0, 3.0, 4.0, 6.0, 10.0)
    for factors in ((factor, factor**2) if squared else (factor,),)
)
#: Relative difference up to which two cells have the same numbers.
_SAME = 0.05


@dataclass(frozen=True)
class FurtherCells:
    """Cells like each of some others, but for one number.

    Attributes:
        number: the number in which they differ.
        like: the cells they are like.
        factors: by each of which it is smaller in one cell, and larger in another.
    """

    number: str
    like: tuple[str, ...]
    factors: tuple[float, ...]

    @property
    def count(self) -> int:
        """How many cells these are."""
        return 2 * len(self.like) * len(self.factors)


def further_cells(
    cells: Sequence[PlannedCell], scatter: Scatter, numbers: Collection[str]
) -> tuple[FurtherCells, ...]:
    """Cells for each number whose power of ½ is not found, so that with all of them it is.

    They are like the cells in the middle of the design, as few and as near to them as does. Two
    cells far from all others decide a power by themselves, and their own scatter remains unknown;
    so there may have to be more.

    Args:
        cells: the design.
        scatter: of the room.
        numbers: the numbers asked about.

    Returns:
        Nothing for a number that not even eight cells, over a factor of 10⁴, would tell.

    Example:
        >>> cells = [PlannedCell(f"n{n}", {"n": n, "m": 1.0}, 16) for n in (1, 2, 4, 8)]
        >>> further_cells(cells, Scatter(0.1), ("n", "m"))
        (FurtherCells(number='m', like=('n2',), factors=(6.0,)),)
    """
    found = {each.name: each for each in powers_found(cells, scatter)}
    middle = _middle(cells)
    lacking = [
        name
        for name in numbers
        if name != TIME and name in found and middle[0].numbers.get(name, 0.0) > 0
        and found[name].chance(WANTED) < CHANCES[1]
    ]  # fmt: skip
    steps = dict.fromkeys(lacking, -1)
    short = lacking
    while short:
        for name in short:
            later = range(steps[name] + 1, len(TRIED))
            steps[name] = next((at for at in later if _possible(middle, name, at, cells)), -1)
        steps = {name: at for name, at in steps.items() if at >= 0}
        added = [cell for name, at in steps.items() for cell in _added(middle, name, at)]
        now = {each.name: each for each in powers_found([*cells, *added], scatter)}
        short = [name for name in steps if now[name].chance(WANTED) < CHANCES[1]]
    return tuple(
        FurtherCells(name, tuple(cell.name for cell in middle[: TRIED[at][0]]), TRIED[at][1])
        for name, at in steps.items()
    )


def _middle(cells: Sequence[PlannedCell]) -> list[PlannedCell]:
    """The cells, those nearest to the middle of all numbers first, in shares of their ranges."""
    columns = [c.logs for c in columns_of([cell.numbers for cell in cells]).values() if c.varies()]
    if not columns:
        return list(cells)
    table = np.column_stack(columns)
    table = (table - table.mean(axis=0)) / np.ptp(table, axis=0)
    return [cells[at] for at in np.argsort(np.square(table).sum(axis=1), kind="stable")]


def _added(middle: Sequence[PlannedCell], name: str, at: int) -> list[PlannedCell]:
    """The cells of one trial: like those in the middle, with a number below and above."""
    count, factors = TRIED[at]
    return [
        replace(cell, name=f"{cell.name} {name}", numbers={**cell.numbers, name: value})
        for cell in middle[:count]
        for factor in factors
        for value in (cell.numbers[name] / factor, cell.numbers[name] * factor)
    ]


def _possible(
    middle: Sequence[PlannedCell], name: str, at: int, cells: Sequence[PlannedCell]
) -> bool:
    """Whether there are such cells to take, the numbers are allowed, and they are not there yet."""
    if TRIED[at][0] > len(middle):
        return False
    return not any(
        new.numbers.get("p", 0.0) >= 0.5 or any(_same(new, old) for old in cells)
        for new in _added(middle, name, at)
    )


def _same(one: PlannedCell, other: PlannedCell) -> bool:
    return all(
        np.isclose(value, other.numbers.get(name, np.nan), rtol=_SAME, atol=0.0)
        for name, value in one.numbers.items()
    )
