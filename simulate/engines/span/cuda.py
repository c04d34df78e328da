"""The span engine on a CUDA device: training there, starts and snapshots on the CPU."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...initialization import ReducedStart
from ...problem import Problem
from ...snapshot import TAIL_TOKENS, Snapshot
from .._protocol import LearningRates
from .cuda_batch import CudaBatch, check_device
from .run import SpanRun

__all__ = ["CudaSpanRun", "check_device"]


class CudaSpanRun(SpanRun):
    """A batch of runs whose state lives on the device.

    Raises:
        EngineError: if no CUDA device and toolkit is found, or its memory is too small.
    """

    def __init__(
        self, problem: Problem, starts: Sequence[ReducedStart], rates: LearningRates
    ) -> None:
        super().__init__(problem, starts, rates)
        self._batch = CudaBatch(
            self._gram, self._row, self._label, self._state, self._rates,
            problem.train_output, self._target,
        )  # fmt: skip

    def advance(self, steps: int) -> None:
        """Take that many gradient steps, all runs at once."""
        self._batch.advance(self._step, steps)
        self._diverged, self._reached = self._batch.diverged(), self._batch.reached()
        self._step += steps

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Keep only the marked runs; the rest cost nothing from now on."""
        super().keep(which)
        self._batch.keep(which)

    def snapshot(self, tail_tokens: int = TAIL_TOKENS) -> Snapshot:
        """The present state, with that many fresh tokens in its tail frame."""
        self._state = self._batch.state()
        return super().snapshot(tail_tokens)
