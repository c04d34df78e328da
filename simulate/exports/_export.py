"""`Export`: one file format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..store import Store


@dataclass(frozen=True)
class Export:
    """How to write a store in one format.

    Attributes:
        write: writes every whole cell of a store into a file at a free path.
        needs: packages that only this format needs.

    Example:
        >>> from bofcheck.simulate.exports import netcdf
        >>> netcdf.EXPORT.needs
        ('h5netcdf', 'h5py')
    """

    write: Callable[[Store, Path], None]
    needs: tuple[str, ...] = ()
