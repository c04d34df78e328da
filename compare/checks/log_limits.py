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


def timings(result: CellResult) -> Iterator[CellResult]:
    """A cell with its events as early and as late as its log allows, in every combination.

    The cell alone where logged steps are close to each other around every event.
    """
    open_events = {}
    for event in result.events:
        first, last = result.came(event)
        if not np.array_equal(first, last, equal_nan=True):
            open_events[event] = (first, last)
    for times in product(*open_events.values()):
        chosen = dict(zip(open_events, times, strict=True))
        yield replace(result, events={**result.events, **chosen})


def watched_to_the_end(study: Study, result: CellResult, bound: Bound) -> NDArray[np.bool_]:
    """(R,) runs whose bounded quantity was measured until its stage ended.

    A stage that no event ends lasts as long as the cell's longest run, to within a logged step.
    """
    measured = ~np.isnan(result.trajectory[bound.quantity])
    steps = result.trajectory.steps.astype(float)
    last = np.where(measured, steps, -np.inf).max(axis=1)
    end = str(stage_of_named(study.theorem, bound.name).end)
    if end == NEVER:
        logged = steps[measured[int(last.argmax())]]
        return np.asarray(last >= (logged[-2] if logged.size > 1 else last.max()))
    gaps = np.zeros(len(last))
    for run, known in enumerate(measured):
        gaps[run] = np.diff(steps[known]).max(initial=0.0)
    came = result.events[end]
    return np.asarray(np.isfinite(came) & (last + gaps >= came))
