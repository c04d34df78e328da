"""`Preset`: the cells of both regimes, and how often they are logged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..study import Cell


@dataclass(frozen=True)
class Preset:
    """A design of cells, fixed before any data.

    Attributes:
        name: as on the command line.
        description: one sentence.
        cells: regime -> its cells.
        seeds: runs per cell unless the user says otherwise.
        log_at: log schedule of every cell.
    """

    name: str
    description: str
    cells: Mapping[str, tuple[Cell, ...]]
    seeds: int
    log_at: str
