"""Cells that get more runs: stored shards stay as they are, further runs follow in new ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .shards import chunks


def layout(known: Sequence[range | None], runs: int, size: int) -> list[range]:
    """The run indices of each shard of a cell with at least so many runs.

    Args:
        known: for each shard that the store lists, its runs; None where they are still to be
            trained.
        runs: how many runs the cell is to have.
        size: largest number of runs in a new shard.

    Returns:
        The shards up to the last run that is asked for, none of them cut.

    Raises:
        ValueError: the stored shards leave a gap that no shards of that size fill.

    Example:
        >>> layout([], 5, 4), layout([range(0, 2)], 9, 4)
        ([range(0, 4), range(4, 5)], [range(0, 2), range(2, 6), range(6, 9)])
        >>> layout([range(0, 2), None, range(6, 7)], 4, 4)
        [range(0, 2), range(2, 6)]
    """
    out: list[range] = []
    first = absent = 0
    for there in known:
        if there is None:
            absent += 1
            continue
        gap = _following(first, there.start, size)
        if there.start < first or len(gap) != absent:
            raise ValueError(f"its shards leave a gap before run {there.start}")
        out += [*gap, there]
        first, absent = there.stop, 0
    out += _following(first, runs, size)
    return [part for part in out if part.start < runs]


def runs_of(seeds: NDArray[np.int64]) -> range:
    """The runs of a shard, which follow each other.

    >>> runs_of(np.arange(3, 5))
    range(3, 5)
    """
    return range(int(seeds[0]), int(seeds[-1]) + 1)


def _following(first: int, stop: int, size: int) -> list[range]:
    """Runs from ``first`` up to ``stop``, ``size`` at a time."""
    parts = chunks(max(stop - first, 0), size)
    return [range(first + part.start, first + part.stop) for part in parts]
