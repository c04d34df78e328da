"""`Grid`: a sweep in several sizes, and how the cells of a product are named."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import ProblemError, SweepError, shown
from ..model_problem import AnyProblem
from ..sweep import CELL_LIMIT, Sweep

#: Longest cell name that is spelt out; a longer name becomes the cell's number.
_LONGEST = 120


@dataclass(frozen=True)
class Grid:
    """A named design of cells.

    Attributes:
        name: its name on the command line.
        description: what varies, and how everything else was chosen.
        presets: size -> the sweep; ``"quick"`` takes seconds, ``"paper"`` is the full one.

    Example:
        >>> from bofcheck.simulate import Problem
        >>> problems = product_cells({"n_samples": [4, 8]}, lambda **values: Problem(**values))
        >>> two = Sweep("two", problems, seeds=3, steps=10)
        >>> grid = Grid("two", "N alone varies", {"quick": two})
        >>> list(grid.sweep("quick").problems), grid.sweep("quick").runs
        (['n_samples=4', 'n_samples=8'], 6)
    """

    name: str
    description: str
    presets: Mapping[str, Sweep]

    def sweep(self, preset: str) -> Sweep:
        """The sweep of that size.

        Raises:
            SweepError: the grid has no such size; the message lists the sizes.
        """
        if preset not in self.presets:
            raise SweepError(
                f"preset {preset!r} of grid {self.name}: unknown; choose one of "
                f"{', '.join(self.presets)}"
            )
        return self.presets[preset]


def cell_name(values: Mapping[str, Any], rank: int = 0) -> str:
    """A cell's name, from its values.

    >>> cell_name({"n_samples": 4, "signal_norm": 2.0})
    'n_samples=4,signal_norm=2.0'
    """
    name = ",".join(f"{key}={value}" for key, value in values.items())
    return name if len(name) <= _LONGEST else f"cell-{rank:06d}"


def product_cells(
    axes: Mapping[str, Sequence[Any]], make: Callable[..., AnyProblem]
) -> dict[str, AnyProblem]:
    """A cell for every combination of the axes' values, the last axis running fastest.

    Args:
        axes: name -> its values, none twice.
        make: from one value of each axis, by name, to the problem.

    Raises:
        SweepError: an axis is empty, holds a value twice, or there are too many cells.
        ProblemError: a combination is not admissible; the line names it.

    Example:
        >>> from bofcheck.simulate import Problem
        >>> axes = {"n_samples": [4, 8], "dim": [100, 1000]}
        >>> list(product_cells(axes, lambda **values: Problem(**values)))[:2]
        ['n_samples=4,dim=100', 'n_samples=4,dim=1000']
    """
    for key, values in axes.items():
        if not values:
            raise SweepError(f"{key} = []: give at least one value")
        seen = set()
        for value in values:
            hashable = repr(value) if isinstance(value, list | dict) else value
            if hashable in seen:
                raise SweepError(f"{key}: has {shown(value)} twice; give each value once")
            seen.add(hashable)
    count = math.prod(len(values) for values in axes.values())
    if count > CELL_LIMIT:
        raise SweepError(f"the grid has {count:,} cells; at most {CELL_LIMIT:,} are allowed")
    cells = {}
    for rank, combination in enumerate(itertools.product(*axes.values())):
        chosen = dict(zip(axes, combination, strict=True))
        name = cell_name(chosen, rank)
        try:
            cells[name] = make(**chosen)
        except ProblemError as error:
            raise ProblemError(f"cell {name if len(name) <= 80 else rank}: {error}") from None
    return cells
