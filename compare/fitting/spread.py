"""A few points of a run, evenly spread."""

from __future__ import annotations

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
