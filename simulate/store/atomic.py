"""Write a file so that a reader sees all of it or nothing, whatever interrupts the writer."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

#: What temporary names start with; a file of that name is the rest of an interrupted write.
TEMPORARY = ".bofcheck-"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; what is written there becomes ``path`` at the end.

    Args:
        path: target in an existing folder; an existing file is replaced.

    Raises:
        OSError: the folder cannot be written; the target is then as it was, as after any other
            error, one raised inside the ``with`` included.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with replacing(Path(folder) / "a.txt") as temporary:
        ...         _ = temporary.write_text("whole")
        ...     [(one.name, one.read_text()) for one in Path(folder).iterdir()]
        [('a.txt', 'whole')]
    """
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{path.name}")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_atomically(path: Path, chunks: Iterable[bytes]) -> None:
    """Write ``chunks`` under a temporary name beside ``path``, flush it to disk and rename it.

    Args:
        path: target in an existing folder; an existing file is replaced.
        chunks: the content, piece by piece.

    Raises:
        OSError: as `replacing`.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_atomically(Path(folder) / "a.txt", [b"wh", b"ole"])
        ...     [(one.name, one.read_bytes()) for one in Path(folder).iterdir()]
        [('a.txt', b'whole')]
    """
    with replacing(path) as temporary, temporary.open("wb") as file:
        file.writelines(chunks)


def sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut, where folders can be opened (not on Windows)."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Create a folder and those above it, so that it survives a power cut; it may be there.

    Raises:
        OSError: it cannot be created.
    """
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)
