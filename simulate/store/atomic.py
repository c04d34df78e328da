"""Write a file so that a reader sees all of it or nothing, even if the writer is interrupted."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

#: Prefix of temporary names; a file of that name is left over from an interrupted write.
TEMPORARY = ".bofcheck-"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``, whose file becomes ``path`` at the end.

    Args:
        path: target in an existing folder; an existing file is replaced.

    Raises:
        OSError: the folder cannot be written; the target is then unchanged, as after any error
            inside the ``with``.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with replacing(Path(folder) / "a.txt") as temporary:
        ...         _ = temporary.write_text("whole")
        ...     [(file.name, file.read_text()) for file in Path(folder).iterdir()]
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
        ...     [(file.name, file.read_bytes()) for file in Path(folder).iterdir()]
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
    """Create a folder and its parents, so that it survives a power cut; it may exist already.

    Raises:
        OSError: it cannot be created.
    """
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)
