"""`Design`: cells by regime or theorem, and how often they are logged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .cells import Cell, check_cells


@dataclass(frozen=True)
class Design:
    """A design of cells, fixed before any data.

    Attributes:
        name: its name on the command line.
        description: one sentence.
        cells: the cells of each regime.
        seeds: runs per cell unless the user chooses another number.
        log_at: log schedule of every cell.

    Raises:
        CompareError: if two different cells have one name, or a problem has both roles.

    Example:
        >>> from bofcheck.compare import Role
        >>> from bofcheck.simulate import Problem
        >>> cell = Cell("easy", Role.HELD_OUT, "stage", Problem(n_samples=8, dim=400), steps=100)
        >>> mine = Design("mine", "one easy cell", {"benign": (cell,)}, seeds=4, log_at="every:10")
        >>> [cell.name for cell in mine.cells["benign"]], mine.seeds
        (['easy'], 4)
    """

    name: str
    description: str
    cells: Mapping[str, tuple[Cell, ...]]
    seeds: int
    log_at: str

    def __post_init__(self) -> None:
        every = (cell for group in self.cells.values() for cell in group)
        check_cells(f"preset {self.name!r}", every)
