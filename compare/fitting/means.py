"""The mean over the runs of a cell, as curves of a single run.

A bound in expectation speaks of the mean curve: its stages begin and end where the mean does what
the theorem's events ask for, and its constants are fitted on the means of calibration cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...theory import Theorem
from ..cells import CellResult, Study, analyse
from ..events import Curves, steps_by_run

Array = NDArray[np.float64]


@dataclass(frozen=True)
class MeanCurves:
    """Means over runs, at the steps at which every run has a number.

    Attributes:
        steps: (T,) every step at which some quantity has a mean.
        quantities: name -> (1, T), NaN where a run has no number.
        averaged: how many runs are behind a mean.
        diverged: (1,) whether there is no run at all that did not diverge.
        provenance: where the runs come from.
    """

    steps: Array
    quantities: Mapping[str, Array]
    averaged: int
    diverged: NDArray[np.bool_]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def seeds(self) -> NDArray[Any]:
        """(1,) the name of the only curve."""
        return np.array(["mean"])

    def __getitem__(self, quantity: str) -> Array:
        """The (1, T) array of one quantity."""
        return self.quantities[quantity]


def runs_behind(result: CellResult) -> NDArray[np.int64]:
    """(R,) how many runs each curve of a cell stands for: itself, or all of which it is the mean.

    Example:
        >>> from bofcheck.compare.calibration import BenignTruth, synthetic_study
        >>> study = synthetic_study(np.random.default_rng(0), 0.0, BenignTruth())
        >>> runs_behind(study.results[0]).sum(), runs_behind(of_means(study).results[0])
        (np.int64(8), array([8]))
    """
    curves = result.trajectory
    if isinstance(curves, MeanCurves):
        return np.array([curves.averaged])
    return np.ones(len(curves.seeds), dtype=np.int64)


def at_shared_steps(result: CellResult, quantity: str) -> tuple[Array, Array]:
    """The steps at which every run has a number, and (R, S) the numbers there.

    Runs that diverged have none and are left out.
    """
    curves = result.trajectory
    values = curves[quantity][result.ok]
    if curves.steps.ndim == 1:
        known = ~np.isnan(values).any(axis=0) & (len(values) > 0)
        return curves.steps[known].astype(float), values[:, known]
    steps = steps_by_run(curves)[result.ok].astype(float)
    measured = ~np.isnan(values)
    own = [each[here] for each, here in zip(steps, measured, strict=True)]
    shared = own[0] if own else np.empty(0)
    for each in own[1:]:
        shared = np.intersect1d(shared, each, assume_unique=True)
    rows = [
        value[here][np.isin(each, shared)]
        for value, here, each in zip(values, measured, own, strict=True)
    ]
    return shared, np.array(rows).reshape(len(own), len(shared))


def mean_curves(theorem: Theorem, result: CellResult) -> MeanCurves:
    """The means of the quantities that a theorem needs, over the runs that did not diverge."""
    curves = result.trajectory
    named = {str(symbol) for bound in theorem.bounds for symbol in bound.expr.free_symbols}
    named |= {bound.quantity for bound in theorem.bounds}
    named |= {quantity for event in theorem.events for quantity in event.quantities}
    parts = {n: at_shared_steps(result, n) for n in sorted(named & curves.quantities.keys())}
    steps = np.unique(np.concatenate([np.empty(0), *(steps for steps, _ in parts.values())]))
    if not steps.size:
        steps = np.unique(curves.steps)[-1:].astype(float)
    quantities = {}
    for name, (at, values) in parts.items():
        quantities[name] = np.full((1, steps.size), np.nan)
        if at.size:
            quantities[name][0, np.searchsorted(steps, at)] = values.mean(axis=0)
    count = int(result.ok.sum())
    return MeanCurves(steps, quantities, count, np.array([count == 0]), curves.provenance)


def of_means(study: Study) -> Study:
    """The study with the mean curve of every cell in place of its runs.

    Events are where the means meet them. What is a mean already stays as it is.
    """
    return replace(study, results=tuple(mean_of(study.theorem, r) for r in study.results))


def mean_of(theorem: Theorem, result: CellResult) -> CellResult:
    """A cell with its mean curve in place of its runs."""
    if isinstance(result.trajectory, MeanCurves):
        return result
    curves: Curves = mean_curves(theorem, result)
    return analyse(result.cell, curves, theorem, result.values)
