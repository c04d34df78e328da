"""What Ctrl-C leaves behind, said in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .codes import InterruptedRun

if TYPE_CHECKING:
    from ..simulate import TrajectoryStore


@contextmanager
def resumable(store: TrajectoryStore) -> Iterator[None]:
    """Turn Ctrl-C into a message about the cells that are safe in the store.

    Raises:
        InterruptedRun: instead of KeyboardInterrupt.
    """
    try:
        yield
    except KeyboardInterrupt:
        count = len(store.names())
        kept = f"{count} finished cell{'s' if count != 1 else ''} kept in {store.folder}"
        raise InterruptedRun(f"interrupted; {kept}; run the same command again to go on") from None
