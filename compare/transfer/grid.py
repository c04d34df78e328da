"""The grid of cells in N and SNR: which runs of a departure end on the good side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..thresholds import GOOD_RUN_CUT_OFF
from .trained import DepartureRuns

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """Cells with their runs' sides.

    Attributes:
        n: (C,) training samples.
        snr: (C,) signal-to-noise ratios.
        d: (C,) dimensions, all equal.
        above: (C, R) 1 for a run with less than half the clean error of chance, NaN where a run
            diverged or did not reach its target loss.
    """

    n: Array
    snr: Array
    d: Array
    above: Array

    @property
    def runs(self) -> int:
        """How many runs have a side."""
        return int(np.isfinite(self.above).sum())


def sides(runs: DepartureRuns) -> Grid:
    """The grid of a departure; its cut-off is that of the paper's boundaries."""
    names = [name for name in runs.curves if name.startswith("N")]
    problems = [runs.settings[name].problem for name in names]
    rows = []
    for name, problem in zip(names, problems, strict=True):
        curves = runs.curves[name]
        reached = (curves["objective"] <= problem.target_loss).any(axis=1)
        good = curves["clean_error"][:, -1] <= GOOD_RUN_CUT_OFF / 2  # chance is 1/2
        rows.append(np.where(reached & (curves.diverged_at < 0), good, np.nan))
    return Grid(
        n=np.array([problem.n_samples for problem in problems], dtype=float),
        snr=np.array([problem.snr for problem in problems]),
        d=np.array([problem.dim for problem in problems], dtype=float),
        above=np.array(rows, dtype=float),
    )
