"""`SpanRun`: a batch of runs on the reduced state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ...data.signal_noise import Labels
from ...initialization import ReducedStart
from ...numerics.threads import spread
from ...problem import Problem
from ...snapshot import TAIL_TOKENS, Snapshot
from .._protocol import LearningRates
from .kernel import advance as advance_runs
from .observe import observe, stack
from .tail import tail_frame


class SpanRun:
    """A batch of runs on the reduced state; each run's numbers are independent of the batch."""

    def __init__(
        self, problem: Problem, starts: Sequence[ReducedStart], rates: LearningRates
    ) -> None:
        self.labels: Sequence[Labels] = [start.labels for start in starts]
        self._problem = problem
        self._starts = stack(list(starts))
        self._row = np.stack([np.where(run.true > 0, 0, 1) for run in self.labels])
        self._label = np.stack([run.observed for run in self.labels]).astype(float)
        self._rates = np.array([rates.query_key, rates.value, rates.output])
        self._target = problem.target_loss if problem.stop_at_target else 0.0
        self._diverged = np.full(len(starts), -1, dtype=np.int64)
        self._reached = self._diverged.copy()
        self._step = 0
        qk = np.concatenate([self._starts.pop("queries"), self._starts.pop("keys")], axis=2)
        values, output = self._starts["values"], self._starts["output"]
        kind = np.dtype(problem.dtype)
        # a number float32 cannot hold is a run that diverges at step 0, not a warning
        with np.errstate(over="ignore"):
            self._gram = self._starts["gram"].astype(kind)
            self._state = {
                "qk": qk.astype(kind),
                "values": values.astype(kind),
                "output": output.astype(kind),
                "a_qk": np.zeros_like(qk, dtype=kind),
                "a_v": np.zeros_like(values, dtype=kind),
            }

    def advance(self, steps: int) -> None:
        """Take that many gradient steps, runs in parallel over cores."""

        def work(first: int, last: int) -> None:
            advance_runs(
                first, last, self._gram, self._row, self._label, *self._state.values(),
                self._rates, self._problem.train_output, self._target, self._step, steps,
                self._diverged, self._reached,
            )  # fmt: skip

        spread(work, len(self._diverged))
        self._step += steps

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Keep only the marked runs; the rest cost nothing from now on."""
        self.labels = [run for run, kept in zip(self.labels, which, strict=True) if kept]
        for name in ("_gram", "_row", "_label", "_diverged", "_reached"):
            setattr(self, name, getattr(self, name)[which])
        for arrays in (self._starts, self._state):
            for name, array in arrays.items():
                arrays[name] = array[which]

    def snapshot(self, tail_tokens: int = TAIL_TOKENS) -> Snapshot:
        """The present state, with that many fresh tokens in its tail frame."""
        orthogonal = self._problem.noise == "orthogonal"
        norm, std = self._problem.signal_norm, self._problem.noise_std
        state = {name: array.astype(np.float64, copy=False) for name, array in self._state.items()}
        tail = None
        if tail_tokens > 0:
            tail = tail_frame(self._starts, state, norm, std, orthogonal, tail_tokens)
        shown = observe(self._starts, self._row, state, norm, orthogonal)
        return replace(shown, tail=tail)

    def diverged_at(self) -> NDArray[np.int64]:
        """(R,) step at which each run's output stopped being finite, -1 if it has not."""
        return self._diverged.copy()

    def stopped_at(self) -> NDArray[np.int64]:
        """(R,) step at which each run ended at its target loss, -1 if it has not."""
        return self._reached.copy()
