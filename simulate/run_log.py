"""`RunLog`: the logged numbers of runs while they are trained, window by window."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from .batch import SignedLabels
from .errors import EngineError
from .numerics.ram import machine_memory

IntArray = NDArray[np.int64]


def check_log(runs: int, logged: int, quantities: int) -> None:
    """Refuse a log that would not fit into memory.

    Args:
        runs: number of runs.
        logged: number of log steps of each.
        quantities: number of quantities at each step.

    Raises:
        EngineError: with the memory needed, the memory there is, and what to lower.

    >>> check_log(100, 64, 25)
    """
    needed, memory = 8 * runs * logged * quantities, machine_memory()
    if needed > memory:
        raise EngineError(
            f"logging {runs:,} runs {logged:,} times takes {needed / 1e9:,.0f} GB and this machine "
            f"has {memory / 1e9:,.0f} GB; lower the number of seeds, or log less often"
        )


class RunLog:
    """The numbers of a `Trajectory` while it is being trained.

    Attributes:
        steps: (T,) steps to log.
        quantities: name -> (R, T), NaN where nothing was logged.
        diverged_at: (R,) step at which a run diverged, -1 if it has not.
        stopped_at: (R,) step at which a run ended at its target loss, -1 if it has not.
        positive: (R,) number of training samples with true label +1.
        flipped_positive: (R,) how many of these carry a flipped label.
        flipped_negative: (R,) number of training samples with true label -1 and a flipped label.
        seconds: phase -> wall time spent in it.
    """

    def __init__(self, runs: int, steps: IntArray, quantities: Sequence[str]) -> None:
        self.steps = steps
        self.quantities = {name: np.full((runs, len(steps)), np.nan) for name in quantities}
        self.diverged_at: IntArray = np.full(runs, -1, dtype=np.int64)
        self.stopped_at: IntArray = self.diverged_at.copy()
        self.positive: IntArray = np.zeros(runs, dtype=np.int64)
        self.flipped_positive: IntArray = self.positive.copy()
        self.flipped_negative: IntArray = self.positive.copy()
        self.seconds = {"start": 0.0, "training": 0.0, "observing": 0.0}

    @contextmanager
    def timed(self, phase: str) -> Iterator[None]:
        """Add the time spent inside to that phase."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[phase] += time.perf_counter() - began

    def count(self, window: slice, labels: Sequence[SignedLabels]) -> None:
        """Count the labels of the runs in a window."""
        true = np.stack([run.true > 0 for run in labels])
        flipped = np.stack([run.flipped for run in labels])
        self.positive[window] = true.sum(axis=1)
        self.flipped_positive[window] = (flipped & true).sum(axis=1)
        self.flipped_negative[window] = (flipped & ~true).sum(axis=1)

    def record(
        self,
        column: int,
        position: IntArray,
        observed: Mapping[str, NDArray[np.float64]],
        diverged: IntArray,
        stopped: IntArray,
    ) -> NDArray[np.bool_]:
        """Log some runs at one step, and whether they have ended.

        A run that ended at its target loss keeps its last numbers from here on; a run that
        diverged has NaN.

        Args:
            column: which of ``steps``.
            position: which runs.
            observed: their quantities.
            diverged: their steps of divergence, -1 if none.
            stopped: their steps of ending, -1 if none.

        Returns:
            Which of the runs go on.
        """
        self.diverged_at[position], self.stopped_at[position] = diverged, stopped
        finite, ended = diverged < 0, stopped >= 0
        # single precision may overflow in the step after a state that was still logged
        for run, step in zip(position[~finite], diverged[~finite], strict=True):
            first = int(np.searchsorted(self.steps, step))
            for array in self.quantities.values():
                array[run, first:column] = np.nan
        for name, values in observed.items():
            array = self.quantities[name]
            array[position[finite], column] = values[finite]
            array[position[ended], column:] = values[ended, None]
        return finite & ~ended
