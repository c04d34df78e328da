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
        >>> import tempfile
        >>> from bofcheck.simulate import TrajectoryStore
        >>> names = Export(lambda store, path: path.write_text(str(store.names())))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     names.write(TrajectoryStore(folder, {}), Path(folder) / "names.txt")
        2
    """

    write: Callable[[Store, Path], object]
    needs: tuple[str, ...] = ()
