"""Which runs of a cell ended on the good side of the cut-off, for fitting boundaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...theory import bayes_loss, evaluate
from ..cells import CellResult

Array = NDArray[np.float64]
Quantity = Literal["test_loss", "test_error"]

#: A run is good when (quantity - best)/(chance - best) is at most this (theory, X1).
CUT_OFF = 0.5


@dataclass(frozen=True)
class Sides:
    """Cells of one kind, as `fit_boundary` takes them.

    Attributes:
        results: the cells.
        n: (C,) training samples.
        snr: (C,) signal-to-noise ratios.
        d: (C,) input dimensions.
        key_dim: (C,) query/key dimensions.
        above: (C, R) 1 for a good run, 0 for a bad one, NaN for one that diverged or did not
            reach its target loss.
    """

    results: tuple[CellResult, ...]
    n: Array
    snr: Array
    d: Array
    key_dim: Array
    above: Array


def scores(result: CellResult, quantity: Quantity, *, untrained: bool = False) -> Array:
    """(R,) where each run ended between the best value (0) and chance (1); NaN if it diverged.

    Runs that did not reach their target loss are NaN too, unless ``untrained`` lets them in.
    """
    p = result.cell.problem.flip_prob
    best, chance = (p, 0.5)
    if quantity == "test_loss":
        best, chance = float(evaluate(bayes_loss, {"p": p})), float(np.log(2.0))
    trained = result.ok & (np.isfinite(result.events["T3"]) | untrained)
    final = result.trajectory[quantity][:, -1]
    out: Array = np.where(trained, (final - best) / (chance - best), np.nan)
    return out


def sides(results: Sequence[CellResult], quantity: Quantity) -> Sides:
    """Every cell with the side each of its runs ended on."""
    problems = [one.cell.problem for one in results]
    runs = max((len(one.trajectory.seeds) for one in results), default=0)
    above = np.full((len(results), runs), np.nan)
    for row, one in enumerate(results):
        found = scores(one, quantity)
        above[row, : found.size] = np.where(np.isnan(found), np.nan, found <= CUT_OFF)
    return Sides(
        results=tuple(results),
        n=np.array([float(one.n_samples) for one in problems]),
        snr=np.array([one.snr for one in problems]),
        d=np.array([float(one.dim) for one in problems]),
        key_dim=np.array([float(one.key_dim) for one in problems]),
        above=above,
    )
