"""`spread`: distribute independent runs over threads; a free thread takes the next piece."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import numba


def spread(work: Callable[[int, int], object], count: int, pieces: int = 8) -> None:
    """Call ``work(first, last)`` for pieces that cover 0 … count-1, on Numba's number of threads.

    Args:
        work: does items ``first`` to ``last - 1``; should release the interpreter's lock.
        count: number of items.
        pieces: average number of pieces per thread; several even out items of unequal length, each
            costs about ten microseconds.

    Example:
        >>> done = []
        >>> spread(lambda first, last: done.extend(range(first, last)), 100)
        >>> sorted(done) == list(range(100))
        True
    """
    threads = numba.get_num_threads()
    size = max(-(-count // (threads * pieces)), 1)
    parts = [(first, min(first + size, count)) for first in range(0, count, size)]
    if threads == 1 or len(parts) == 1:
        for part in parts:
            work(*part)
        return
    pool = _pool(threads, os.getpid())
    futures = [pool.submit(work, *part) for part in parts]
    for future in futures:
        future.result()


@lru_cache(maxsize=4)
def _pool(threads: int, process: int) -> ThreadPoolExecutor:
    """Kept between calls; a forked process does not inherit its parent's threads."""
    return ThreadPoolExecutor(threads, thread_name_prefix="bofcheck")
