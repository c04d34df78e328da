"""Grids: sweeps with a name. One module each, found in this folder.

A module offers ``GRID``; adding a grid is adding a file.
"""

from __future__ import annotations

import importlib
import pkgutil

from ..errors import SweepError, shown
from .grid import Grid, cell_name, product_cells

__all__ = ["Grid", "cell_name", "get_grid", "grid_names", "product_cells"]

#: Modules of this folder that are building blocks, not grids.
_BLOCKS = {"grid"}


def grid_names() -> list[str]:
    """Names of all grids.

    >>> grid_names()
    ['boundary', 'heatmap']
    """
    return sorted({module.name for module in pkgutil.iter_modules(__path__)} - _BLOCKS)


def get_grid(name: str) -> Grid:
    """The grid of that name.

    Raises:
        SweepError: there is none, with the names there are.

    Example:
        >>> sweep = get_grid("heatmap").sweep("quick")
        >>> len(sweep.problems), sweep.seeds, sweep.runs
        (15, 4, 60)
    """
    if name not in grid_names():
        raise SweepError(f"grid {shown(name)}: unknown; choose one of {', '.join(grid_names())}")
    grid: Grid = importlib.import_module(f"{__name__}.{name}").GRID
    return grid
