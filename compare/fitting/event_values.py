"""A logged quantity at the event of each run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..cells import CellResult

Array = NDArray[np.float64]


def at_event(result: CellResult, values: Array, event: str) -> Array:
    """Values at the step of an event, interpolated between logged steps as the event was.

    Args:
        result: a trained cell.
        values: (R, T) a logged quantity or a function of some.
        event: ``"T1"``, ``"T2"``, ``"T3"`` or ``"T_gap"``.

    Returns:
        (R,) NaN for runs that do not reach the event.
    """
    steps = result.trajectory.steps.astype(float)
    times = result.events[event]
    out = np.full(times.size, np.nan)
    for run in np.flatnonzero(np.isfinite(times) & (times <= steps[-1])):
        out[run] = np.interp(times[run], steps, values[run])
    return out
