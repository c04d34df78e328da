"""Write a file so that a reader sees all of it or nothing, whatever interrupts the writer."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

#: What temporary names start with; a file of that name is the rest of an interrupted write.
TEMPORARY = ".bofcheck-"


def write_atomically(path: Path, chunks: Iterable[bytes]) -> None:
    """Write ``chunks`` under a temporary name beside ``path``, flush it to disk and rename it.

    Args:
        path: target in an existing folder; an existing file is replaced.
        chunks: the content, piece by piece.

    Raises:
        OSError: the folder cannot be written; the target is then as it was, as after any other
            error, one raised by ``chunks`` included.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_atomically(Path(folder) / "a.txt", [b"wh", b"ole"])
        ...     [(one.name, one.read_bytes()) for one in Path(folder).iterdir()]
        [('a.txt', b'whole')]
    """
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{path.name}")
    try:
        with temporary.open("wb") as file:
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut, where folders can be opened (not Windows)."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
