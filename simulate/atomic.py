"""Write a file so that a reader sees all of it or nothing, whatever interrupts the writer."""

from __future__ import annotations

import os
from pathlib import Path

#: What temporary names start with; a file of that name is the rest of an interrupted write.
TEMPORARY = ".bofcheck-"


def write_atomically(path: Path, data: bytes) -> None:
    """Write ``data`` under a temporary name beside ``path``, flush it to disk and rename it.

    Args:
        path: target in an existing folder; an existing file is replaced.
        data: the whole content.

    Raises:
        OSError: if the folder cannot be written; the target is then as it was.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_atomically(Path(folder) / "a.txt", b"whole")
        ...     [(one.name, one.read_bytes()) for one in Path(folder).iterdir()]
        [('a.txt', b'whole')]
    """
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{path.name}")
    try:
        with temporary.open("wb") as file:
            file.write(data)
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
