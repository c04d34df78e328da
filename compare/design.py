"""`Design`: the cells of both regimes, and how often they are logged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..simulate import Problem
from .cells import Cell, Role
from .errors import CompareError


@dataclass(frozen=True)
class Design:
    """A design of cells, fixed before any data.

    Attributes:
        name: as on the command line.
        description: one sentence.
        cells: regime -> its cells.
        seeds: runs per cell unless the user says otherwise.
        log_at: log schedule of every cell.

    Raises:
        CompareError: if cells of one name differ, or a problem has both roles.

    Example:
        >>> cell = Cell("easy", Role.HELD_OUT, "stage", Problem(n_samples=8, dim=400), steps=100)
        >>> mine = Design("mine", "one easy cell", {"benign": (cell,)}, seeds=4, log_at="every:10")
        >>> [one.name for one in mine.cells["benign"]], mine.seeds
        (['easy'], 4)
    """

    name: str
    description: str
    cells: Mapping[str, tuple[Cell, ...]]
    seeds: int
    log_at: str

    def __post_init__(self) -> None:
        """Refuse designs whose verdicts would mean nothing.

        Raises:
            CompareError: if a name stands for two cells, or a problem has both roles (draws are
                keyed by the problem, so held-out runs would repeat calibration runs).
        """
        every = dict.fromkeys(cell for group in self.cells.values() for cell in group)
        names = [cell.name for cell in every]
        for cell in every:
            if names.count(cell.name) > 1:
                raise CompareError(f"preset {self.name!r}: {cell.name!r} names two different cells")
        roles: dict[Problem, Role] = {}
        for cell in every:
            if roles.setdefault(cell.problem, cell.role) is not cell.role:
                raise CompareError(
                    f"preset {self.name!r}: the problem of {cell.name!r} is used for calibration "
                    "and held out; change a number of one of the two"
                )
