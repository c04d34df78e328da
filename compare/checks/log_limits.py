"""What a log leaves open: when events came, and what a run that ended early would have shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ...theory import Bound
from ..cells import CellResult, Study
from ..events import stage_numbers, steps_by_run
from ..fitting.bounds import NEVER, stage_ends, stage_number, stage_of_named
from ..thresholds import (
    COARSE_LOGGING,
    UNSEEN_OVER_USUAL,
    UNSEEN_SHARE_OF_STAGE,
    WATCHED_GAPS,
    WATCHED_MIN_POINTS,
)

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

    A stage that no event ends lasts as long as the cell's longest run. A run reaches its end that
    lacks only the cell's last logged step, or that ends within two gaps of its own log, if that has
    gaps to speak of; in neither case by a part of the stage that a coarse log would hide.
    """
    measured = ~np.isnan(result.trajectory[bound.quantity])
    steps, by_run = result.trajectory.steps.astype(float), steps_by_run(result.trajectory)
    last = np.where(measured, steps, -np.inf).max(axis=1)
    between = [np.diff(own[known]) for own, known in zip(by_run, measured, strict=True)]
    gaps = np.array([each.max(initial=0.0) for each in between])
    latest = np.array([each[-1] if each.size else 0.0 for each in between])
    end = str(stage_of_named(study.theorem, bound.name).end)
    if end != NEVER:
        came = result.events[end]
        near = last + np.minimum(gaps, WATCHED_GAPS * latest) >= came
        return np.asarray(np.isfinite(came) & near)
    logged = steps[measured.any(axis=0)] if steps.ndim == 1 else np.unique(steps[measured])
    often = measured.sum(axis=1) >= WATCHED_MIN_POINTS
    near = often & (last + WATCHED_GAPS * gaps >= last.max())
    near |= last >= logged[-2:].min(initial=np.inf)
    return np.asarray(near & (last >= (1 - COARSE_LOGGING) * last.max()))


def long_unseen(study: Study, result: CellResult, bound: Bound) -> NDArray[np.bool_]:
    """(R,) runs without a number over a long stretch of the bound's stage, where others have some.

    The stretch holds more than a quarter of the steps that the cell logs in the stage, and is far
    longer than the run's own gaps. After a run's last number `watched_to_the_end` decides.
    """
    measured = ~np.isnan(result.trajectory[bound.quantity])
    steps, by_run = result.trajectory.steps.astype(float), steps_by_run(result.trajectory)
    out = np.zeros(len(measured), dtype=bool)
    shared = steps.ndim == 1
    if shared and measured[:, measured.any(axis=0)].all():
        return out
    logged = steps[measured.any(axis=0)] if shared else np.unique(steps[measured])
    number = stage_of_named(study.theorem, bound.name).number
    inside = stage_number(study, result) == number
    ends = stage_ends(study.theorem)
    for run in np.flatnonzero((inside & measured).any(axis=1)):
        came = {end: result.events[end][[run]] for end in ends if end != NEVER}
        here = stage_numbers(logged, {**came, NEVER: np.array([np.inf])}, ends)[0] == number
        at = logged[here]
        own = np.searchsorted(at, by_run[run][inside[run] & measured[run]].astype(float))
        places = np.r_[-1, own]
        missed, lengths = np.diff(places) - 1, np.diff(at[np.maximum(places, 0)])
        usual = np.median(np.diff(at[own])) if own.size > 1 else 0.0
        out[run] = np.any(
            (missed > UNSEEN_SHARE_OF_STAGE * len(at)) & (lengths > UNSEEN_OVER_USUAL * usual)
        )
    return out
