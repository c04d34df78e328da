"""`spread`: independent runs over threads, each thread taking the next piece when it is free."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import numba

#: Pieces a thread gets on average: more even out runs of unequal length.
_PIECES = 8


def spread(work: Callable[[int, int], object], count: int) -> None:
    """Call ``work(first, last)`` for pieces that cover 0 … count-1, on Numba's number of threads.

    Args:
        work: does items ``first`` to ``last - 1``; should release the interpreter's lock.
        count: number of items.

    Example:
        >>> done = []
        >>> spread(lambda first, last: done.extend(range(first, last)), 100)
        >>> sorted(done) == list(range(100))
        True
    """
    threads = numba.get_num_threads()
    size = -(-count // (threads * _PIECES))
    pieces = [(first, min(first + size, count)) for first in range(0, count, max(size, 1))]
    if threads == 1 or len(pieces) == 1:
        for piece in pieces:
            work(*piece)
        return
    futures = [_pool(threads).submit(work, *piece) for piece in pieces]
    for future in futures:
        future.result()


@lru_cache(maxsize=1)
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="bofcheck")
