"""Grids: sweeps that have a name or a file.

A module of this folder defines ``GRID``; to add a grid, add a file. `read_sweep` reads your own
sweeps from TOML.
"""

from __future__ import annotations

from ..._registry import load, module_names
from ..errors import SweepError, shown
from ._file import read_sweep, sweep_settings
from ._grid import Grid, cell_name, product_cells

__all__ = [
    "Grid",
    "cell_name",
    "get_grid",
    "grid_names",
    "product_cells",
    "read_sweep",
    "sweep_settings",
]


def grid_names() -> list[str]:
    """Names of all grids.

    >>> grid_names()
    ['boundary', 'heatmap']
    """
    return list(module_names(__name__))


def get_grid(name: str) -> Grid:
    """The grid of that name.

    Raises:
        SweepError: no grid has that name; the message lists the names.

    Example:
        >>> sweep = get_grid("heatmap").sweep("quick")
        >>> len(sweep.problems), sweep.seeds, sweep.runs
        (15, 4, 60)
    """
    if name not in grid_names():
        raise SweepError(f"grid {shown(name)}: unknown; choose one of {', '.join(grid_names())}")
    return load(__name__, name, "GRID", Grid)
