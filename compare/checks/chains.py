"""Cells that differ in one number alone, in order of that number, and the trend along them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cells import CellResult
from ..fitting.boundary_sides import Quantity
from ..statistics.trend import Trend, jonckheere
from ..thresholds import CHAIN_MIN_LEVELS

Array = NDArray[np.float64]

#: Numbers an experiment varies; a chain holds all but one of them fixed. What is scaled with
#: them (the learning rate with the longer token) is not among them unless it is varied itself.
NUMBERS = ("n_samples", "signal_norm", "noise_std", "flip_prob", "init_std_v")


@dataclass(frozen=True)
class Chain:
    """Cells that differ in one number alone.

    Attributes:
        name: the other numbers, where they differ among the chains.
        levels: (K,) values of the number, rising.
        results: the K cells.
        values: K arrays of one value a run, diverged runs left out.
    """

    name: str
    levels: Array
    results: tuple[CellResult, ...]
    values: tuple[Array, ...]

    @property
    def means(self) -> Array:
        """(K,) mean over the runs of each level, NaN where none is left."""
        return np.array([runs.mean() if runs.size else np.nan for runs in self.values])

    @property
    def fewest_runs(self) -> int:
        """Runs of the level that has the fewest."""
        return min(runs.size for runs in self.values)

    @property
    def flip_prob(self) -> float | None:
        """The flip probability of its cells; None where that is what varies."""
        probs = {result.cell.problem.flip_prob for result in self.results}
        return probs.pop() if len(probs) == 1 else None

    @property
    def trend(self) -> Trend | None:
        """Jonckheere's statistic along this chain alone."""
        return jonckheere([self.values])


def judged_quantity(result: CellResult, with_flips: Quantity) -> Quantity:
    """What a cell is judged by: test_loss without flips, ``with_flips`` with them.

    With flips test_loss is least at a margin of log((1-p)/p) and rises beyond it, so that it can
    rise while fresh samples are classified better.
    """
    return with_flips if result.cell.problem.flip_prob > 0 else "test_loss"


def end_values(
    result: CellResult, quantity: Quantity = "test_loss", step: int | None = None
) -> Array:
    """(R',) a test quantity of the runs that did not diverge, at their last logged step.

    Args:
        result: the cell.
        quantity: which.
        step: the last logged step up to this step instead.
    """
    steps = result.trajectory.steps
    at = -1 if step is None else int(np.flatnonzero(steps <= step)[-1])
    values: Array = result.trajectory[quantity][result.ok, at]
    return values[np.isfinite(values)]


def chains(
    results: Iterable[CellResult],
    along: str,
    *,
    step: int | None = None,
    with_flips: Quantity = "test_loss",
) -> list[Chain]:
    """All chains along a number among some cells.

    Args:
        results: the cells.
        along: the field of `Problem` that varies.
        step: as for `end_values`.
        with_flips: what cells with flips are judged by, where p is not what varies.

    Returns:
        Chains of at least `CHAIN_MIN_LEVELS` levels, in the order their first cells come.
    """
    fixed = [name for name in NUMBERS if name != along]
    groups: dict[tuple[float, ...], dict[float, CellResult]] = {}
    for result in results:
        problem = result.cell.problem
        key = tuple(float(getattr(problem, name)) for name in fixed)
        groups.setdefault(key, {}).setdefault(float(getattr(problem, along)), result)
    varied = [len(set(column)) > 1 for column in zip(*groups, strict=True)]
    rows = []
    for key, members in groups.items():
        if len(members) < CHAIN_MIN_LEVELS:
            continue
        levels = sorted(members)
        ordered = tuple(members[level] for level in levels)
        parts = [
            f"{number} = {value:g}"
            for number, value, differs in zip(fixed, key, varied, strict=True)
            if differs
        ]
        flips = "test_loss" if along == "flip_prob" else with_flips
        values = tuple(end_values(each, judged_quantity(each, flips), step) for each in ordered)
        name = ", ".join(parts) or "the only setting"
        rows.append(Chain(name, np.array(levels), ordered, values))
    return rows


def pooled_trend(parts: Iterable[Chain]) -> Trend | None:
    """Jonckheere's statistic over all chains together."""
    return jonckheere(part.values for part in parts)


def chain_lines(parts: Sequence[Chain]) -> dict[str, object]:
    """JSON-ready: each chain's levels, mean values and score."""
    return {
        part.name: {
            "levels": part.levels,
            "means": part.means,
            "runs": [runs.size for runs in part.values],
            "score": part.trend.score if part.trend else None,
        }
        for part in parts
    }
