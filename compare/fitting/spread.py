"""A few points of a run, evenly spread, and groups of runs."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Points taken of each run.
POINTS = 8
#: Groups of runs that are rows of their own where there are too few cells.
GROUPS = 16


def spread(at: Array) -> NDArray[np.int64]:
    """Positions of points that are evenly spread, as far as there are points.

    Args:
        at: (n,) where the points lie, in order, up or down.

    Example:
        >>> spread(np.log(np.arange(1.0, 1000.0)))
        array([  0,   2,   6,  18,  51, 138, 371, 998])
    """
    if len(at) <= POINTS:
        return np.arange(len(at))
    wanted = np.linspace(at[0], at[-1], POINTS)
    chosen: NDArray[np.int64] = np.unique(np.abs(at[:, None] - wanted).argmin(axis=0))
    return chosen


def grouped(runs: Sequence[Array], most: int = GROUPS) -> list[NDArray[np.int64]]:
    """Runs in at most that many groups of nearly equal size.

    Which run joins which group is drawn by a digest of what the run measured, so that neither names
    nor order of the runs change a number.

    Args:
        runs: what each run measured.
        most: number of groups, if there are as many runs.

    Returns:
        The indices of each group's runs; none of no runs.

    Example:
        >>> runs = list(np.arange(12.0).reshape(6, 2))
        >>> sorted(len(group) for group in grouped(runs, most=4))
        [1, 1, 2, 2]
        >>> turned = runs[::-1]
        >>> [runs[i][0] for i in grouped(runs)[0]] == [turned[i][0] for i in grouped(turned)[0]]
        True
    """
    if not len(runs):
        return []
    keys = [blake2b(np.ascontiguousarray(run).tobytes()).digest() for run in runs]
    order = np.array(sorted(range(len(runs)), key=keys.__getitem__), dtype=np.int64)
    return list(np.array_split(order, min(most, len(runs))))
