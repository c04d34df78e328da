"""Cells that differ in one number alone, in order of that number, and the trend along them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from ..cells import CellResult

Array = NDArray[np.float64]

#: Numbers an experiment varies; a chain holds all but one of them fixed. What is scaled with
#: them (the learning rate with the longer token) is not among them unless it is varied itself.
NUMBERS = ("n_samples", "signal_norm", "noise_std", "flip_prob", "init_std_v")
#: Levels a chain needs to show a trend; pairs of cells are by-products of other panels.
MIN_LEVELS = 3


@dataclass(frozen=True)
class Chain:
    """Cells that differ in one number alone.

    Attributes:
        name: those of the other numbers that cells elsewhere have otherwise.
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
        return np.array([one.mean() if one.size else np.nan for one in self.values])


def end_loss(result: CellResult, step: int | None = None) -> Array:
    """(R',) test_loss of the runs that did not diverge, at their last logged step.

    Args:
        result: the cell.
        step: the last logged step up to this one instead.
    """
    steps = result.trajectory.steps
    at = -1 if step is None else int(np.flatnonzero(steps <= step)[-1])
    values: Array = result.trajectory["test_loss"][result.ok, at]
    return values[np.isfinite(values)]


def chains(results: Iterable[CellResult], along: str, *, step: int | None = None) -> list[Chain]:
    """All chains along a number among some cells.

    Args:
        results: the cells.
        along: the field of `Problem` that varies.
        step: as for `end_loss`.

    Returns:
        Chains of at least `MIN_LEVELS` levels, in the order their first cells come.
    """
    cells = list(results)
    fixed = [name for name in NUMBERS if name != along]
    groups: dict[tuple[float, ...], dict[float, CellResult]] = {}
    for one in cells:
        problem = one.cell.problem
        key = tuple(float(getattr(problem, name)) for name in fixed)
        groups.setdefault(key, {}).setdefault(float(getattr(problem, along)), one)
    varied = [len(set(column)) > 1 for column in zip(*groups, strict=True)]
    found = []
    for key, members in groups.items():
        if len(members) < MIN_LEVELS:
            continue
        levels = sorted(members)
        ordered = tuple(members[level] for level in levels)
        parts = [
            f"{what} = {value:g}"
            for what, value, more in zip(fixed, key, varied, strict=True)
            if more
        ]
        values = tuple(end_loss(one, step) for one in ordered)
        name = ", ".join(parts) or "the only setting"
        found.append(Chain(name, np.array(levels), ordered, values))
    return found


@dataclass(frozen=True)
class Trend:
    """How far values rise along chains, in standard errors under no trend.

    Attributes:
        score: positive where they rise; standard normal, nearly, without a trend.
        share: of all comparisons of runs at different levels, those that rise.
        comparisons: how many there are.
    """

    score: float
    share: float
    comparisons: int


def trend(parts: Sequence[Chain]) -> Trend | None:
    """Jonckheere's statistic summed over chains; None where nothing can be compared.

    Within a chain it counts pairs of runs at different levels of which the one at the higher
    level has the larger value. If runs of all levels are alike, its mean is half the pairs and its
    variance (n²(2n+3) - Σ m²(2m+3))/72 for n runs, m at each level.

    Example:
        >>> from types import SimpleNamespace
        >>> rising = SimpleNamespace(values=tuple(np.arange(5.0) + 3 * k for k in range(3)))
        >>> found = trend([rising])
        >>> round(found.score, 2), found.comparisons
        (3.54, 75)
    """
    surplus = variance = wins = 0.0
    pairs = 0
    for part in parts:
        sizes = [one.size for one in part.values]
        for low, lower in enumerate(part.values):
            for upper in part.values[low + 1 :]:
                ahead = np.searchsorted(np.sort(lower), upper, side="left").sum()
                even = np.searchsorted(np.sort(lower), upper, side="right").sum() - ahead
                wins += ahead + even / 2
                surplus += ahead + even / 2 - lower.size * upper.size / 2
                pairs += lower.size * upper.size
        n = sum(sizes)
        variance += (n**2 * (2 * n + 3) - sum(m**2 * (2 * m + 3) for m in sizes)) / 72
    if not pairs or variance <= 0:
        return None
    return Trend(float(surplus / math.sqrt(variance)), float(wins / pairs), pairs)


def score_limit(false_alarm: float) -> float:
    """The score a trend must exceed, one-sided.

    >>> round(score_limit(0.01), 3)
    2.326
    """
    return float(norm.isf(false_alarm))


def chain_lines(parts: Sequence[Chain]) -> dict[str, object]:
    """JSON-ready: each chain's levels, mean values and score."""
    lines: dict[str, object] = {}
    for part in parts:
        own = trend([part])
        lines[part.name] = {
            "levels": part.levels,
            "mean_test_loss": part.means,
            "runs": [one.size for one in part.values],
            "score": own.score if own else None,
        }
    return lines
