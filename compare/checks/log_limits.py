"""What a log leaves open: when events came, and what a run that ended early would have shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ...theory import Bound
from ..cells import CellResult, Study
from ..fitting.bounds import NEVER, stage_of_named

Array = NDArray[np.float64]


def timings(result: CellResult, *, surely: bool = False) -> Iterator[CellResult]:
    """A cell with its events as early and as late as its log allows, in every combination.

    The cell alone where logged steps are close to each other around every event.

    Args:
        result: a cell.
        surely: whether an event between two close steps is not taken to be where interpolation
            puts it, either: nothing between logged steps is known.
    """
    open_events = {}
    for event in result.events:
        first, last = result.between(event) if surely else result.came(event)
        if not np.array_equal(first, last, equal_nan=True):
            open_events[event] = (first, last)
    for times in product(*open_events.values()):
        chosen = dict(zip(open_events, times, strict=True))
        yield replace(result, events={**result.events, **chosen})


def watched_to_the_end(study: Study, result: CellResult, bound: Bound) -> NDArray[np.bool_]:
    """(R,) runs whose bounded quantity was measured until its stage ended.

    A stage that no event ends lasts as long as the cell's longest run, to within a logged step: of
    the run itself, or of the longest unless it is far longer than the run's own.
    """
    measured = ~np.isnan(result.trajectory[bound.quantity])
    steps = result.trajectory.steps.astype(float)
    last = np.where(measured, steps, -np.inf).max(axis=1)
    end = str(stage_of_named(study.theorem, bound.name).end)
    gaps, widest, before = np.zeros(len(last)), np.zeros(len(last)), np.full(len(last), -np.inf)
    for run, known in enumerate(measured):
        logged = steps[known]
        if logged.size > 1:
            between = np.diff(logged)
            gaps[run], widest[run], before[run] = between[-1], between.max(), logged[-2]
    if end == NEVER:
        longest = last.max()
        reaching = last == longest
        near = last >= (before[reaching].max() if np.isfinite(before[reaching]).any() else longest)
        return np.asarray((last + gaps >= longest) | (near & (last + 2 * gaps >= longest)))
    came = result.events[end]
    return np.asarray(np.isfinite(came) & (last + np.minimum(widest, 2 * gaps) >= came))
