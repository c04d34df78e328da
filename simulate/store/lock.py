"""One writer at a time: a lock on a folder that ends with the process that holds it."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from ..errors import StoreWriteError

try:
    import fcntl
except ImportError:  # Windows has none; there two writers must not share a folder
    fcntl = None  # type: ignore[assignment]  # no such module there, and no lock

#: Seconds to wait for another writer, which needs milliseconds a shard, and between two tries.
PATIENCE = 25.0
_RETRY = 0.01


@contextlib.contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, waiting for another writer to finish its shard.

    No file is created: the folder itself is locked, and the system releases the lock when its
    holder ends or is killed. On file systems without such a lock (some network file systems) no
    lock is held.

    Raises:
        StoreWriteError: another process has held it for `PATIENCE` seconds.
    """
    if fcntl is None:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            _wait_for(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, folder: Path) -> None:
    """Take the lock.

    Raises:
        OSError: the file system offers no such lock.
        StoreWriteError: another process holds it.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise StoreWriteError(
                    f"{folder}: another process has been writing to it for {PATIENCE:.0f} s; end "
                    "it if it hangs, and run the same command again"
                ) from None
            time.sleep(_RETRY)
