"""One writer at a time: a lock on a folder that ends with the process that holds it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows has none; there two writers must not share a folder
    fcntl = None  # type: ignore[assignment]  # no such module there, and no lock


@contextlib.contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, waiting for another writer to finish its shard.

    No file is made: the folder itself is locked. File systems that offer no such lock (some
    network ones) are written without.
    """
    if fcntl is None:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
