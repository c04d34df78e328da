"""What a theorem's boundary reads in a cell: strength, level, and the side of every run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sympy import Expr

from ...theory import Boundary, evaluate
from ...theory.evaluation.numbers import symbol_names
from ..cells import CellResult
from ..events import steps_by_run

Array = NDArray[np.float64]


def strength_of(result: CellResult, boundary: Boundary) -> float:
    """The boundary's strength at a cell's numbers."""
    return float(evaluate(boundary.strength, _named(result, boundary.strength)))


def log_strength(cells: Sequence[CellResult], boundary: Boundary) -> Array:
    """(C,) logarithm of every cell's strength."""
    return np.log([strength_of(result, boundary) for result in cells])


def level_of(result: CellResult, boundary: Boundary) -> float:
    """The boundary's level at a cell's numbers."""
    return float(evaluate(boundary.level, _named(result, boundary.level)))


def _named(result: CellResult, formula: Expr) -> dict[str, float]:
    names = symbol_names(formula)
    return {name: value for name, value in result.values.items() if name in names}


def values_read(result: CellResult, boundary: Boundary) -> Array:
    """(R,) the quantity where the boundary reads it; NaN in a run that did not get there."""
    values = result.trajectory[boundary.quantity]
    steps = steps_by_run(result.trajectory).astype(float)
    out = np.full(len(values), np.nan)
    came = result.events[boundary.event] if boundary.event else steps.max(axis=1)
    for run in np.flatnonzero(np.isfinite(came) & result.ok):
        at = np.flatnonzero((steps[run] >= came[run]) & ~np.isnan(values[run]))
        out[run] = values[run, at[0]] if len(at) else np.nan
    return out


def good_runs(result: CellResult, boundary: Boundary) -> tuple[int, int]:
    """How many runs are at or below the level, and how many could be read."""
    values = values_read(result, boundary)
    known = values[~np.isnan(values)]
    return int((known <= level_of(result, boundary)).sum()), len(known)
