"""Where curves cross a level, and how long they are flat before and after their fall."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def stretches(steps: Array, curves: Array, early: float, late: float) -> tuple[Array, Array]:
    """Lengths before and after the fast stretch over its own length, (K,) each.

    The fast stretch runs from the first step at which the share ``early`` of the fall from start to
    end is done to the first at which ``late`` is. NaN for curves that do not fall.

    Args:
        steps: (T,) rising.
        curves: (K, T) values.
        early: share of the fall at which the fast stretch begins.
        late: share of the fall at which it ends.

    Example:
        >>> line = np.linspace(1.0, 0.0, 101)[None, :]
        >>> [part.round(3).tolist() for part in stretches(np.arange(101.0), line, 0.1, 0.9)]
        [[0.125], [0.125]]
    """
    fall = curves[:, :1] - curves[:, -1:]
    with np.errstate(invalid="ignore", divide="ignore"):
        done = (curves[:, :1] - curves) / fall
    before, after = np.full(len(curves), np.nan), np.full(len(curves), np.nan)
    for row in np.flatnonzero(fall[:, 0] > 0):
        begin, end = (_first(steps, done[row], share) for share in (early, late))
        before[row] = (begin - steps[0]) / (end - begin)
        after[row] = (steps[-1] - end) / (end - begin)
    return before, after


def _first(steps: Array, done: Array, share: float) -> float:
    at = int((done >= share).argmax())
    part = (share - done[at - 1]) / (done[at] - done[at - 1])
    return float(steps[at - 1] + part * (steps[at] - steps[at - 1]))


def crossing(places: Array, curves: Array, level: float) -> Array:
    """(B,) where curves fall to a level for good.

    Args:
        places: (K,) positive, rising.
        curves: (B, K) values at these places.
        level: what is crossed.

    Returns:
        Interpolated in the logarithm of the place; NaN where a curve ends above the level or is
        nowhere above it.

    Example:
        >>> crossing(np.array([1.0, 4.0, 16.0]), np.array([[0.9, 0.7, 0.3]]), 0.5).round(6)
        array([8.])
    """
    above = curves > level
    last = above.shape[1] - 1 - above[:, ::-1].argmax(axis=1)
    there = above.any(axis=1) & (last < above.shape[1] - 1)
    at = np.where(there, last, 0)
    rows = np.arange(len(curves))
    high, low = curves[rows, at], curves[rows, at + 1]
    logs = np.log(places)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(there, (high - level) / (high - low), 0.0)
    return np.where(there, np.exp(logs[at] + share * (logs[at + 1] - logs[at])), np.nan)
