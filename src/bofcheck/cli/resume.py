"""Ctrl-C as one line that says what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .codes import InterruptedRun

if TYPE_CHECKING:
    from ..simulate import TrajectoryStore


@contextmanager
def resumable(store: TrajectoryStore) -> Iterator[None]:
    """Turn Ctrl-C into a message that says what the store keeps.

    Raises:
        InterruptedRun: instead of KeyboardInterrupt.
    """
    try:
        yield
    except KeyboardInterrupt:
        cells = store.index().values()
        count = sum(all(there) for there in cells)
        kept = f"{count} finished cell{'s' if count != 1 else ''}"
        begun = sum(sum(there) for there in cells if not all(there))
        if begun:
            kept += f" and {begun} shard{'s' if begun != 1 else ''} of another"
        kept += f" kept in {store.folder}"
        raise InterruptedRun(f"interrupted; {kept}; run the same command again to go on") from None
