"""Engine ``span``: exact gradient descent whose cost does not depend on d, d_h or d_v.

All gradients lie in the span of the training tokens, so the run is carried out on inner
products among tokens (DERIVED, algebra and no approximation). float64, no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ...errors import EngineError
from ...problem import Problem
from ...snapshot import Snapshot
from ...starts import InitialArrays, Labels, ReducedStart, draw_arrays, draw_reduced, project
from ..protocol import LearningRates
from .kernel import advance
from .observe import observe, stack


class SpanRun:
    """A batch of runs on the reduced state; each run's numbers are independent of the batch."""

    def __init__(
        self, problem: Problem, starts: Sequence[ReducedStart], rates: LearningRates
    ) -> None:
        self.labels: Sequence[Labels] = [start.labels for start in starts]
        self._problem = problem
        self._starts = stack(list(starts))
        self._row = np.stack([np.where(one.true > 0, 0, 1) for one in self.labels])
        self._label = np.stack([one.observed for one in self.labels]).astype(float)
        self._rates = np.array([rates.query_key, rates.value, rates.output])
        self._status = np.full(len(starts), -1, dtype=np.int64)
        self._step = 0
        queries, keys = self._starts["queries"], self._starts["keys"]
        self._state = {
            "qk": np.concatenate([queries, keys], axis=2),
            "values": self._starts["values"].copy(),
            "output": self._starts["output"].copy(),
            "a_qk": np.zeros((*queries.shape[:2], 2 * queries.shape[2])),
            "a_v": np.zeros_like(self._starts["values"]),
        }

    def advance(self, steps: int) -> None:
        """Take that many gradient steps, runs in parallel over cores."""
        state = self._state
        advance(
            self._starts["gram"], self._row, self._label, state["qk"], state["values"],
            state["output"], state["a_qk"], state["a_v"], self._rates,
            self._problem.train_output, self._step, steps, self._status,
        )  # fmt: skip
        self._step += steps

    def snapshot(self) -> Snapshot:
        """Show the present state."""
        orthogonal = self._problem.noise == "orthogonal"
        return observe(self._starts, self._row, self._state, self._problem.signal_norm, orthogonal)

    def diverged_at(self) -> NDArray[np.int64]:
        """(R,) step at which each run's output stopped being finite, -1 if it has not."""
        return self._status.copy()


class SpanEngine:
    """The reduced engine; see `bofcheck.simulate.engines.span`."""

    name = "span"

    def start(
        self,
        problem: Problem,
        runs: Sequence[int],
        arrays: Sequence[InitialArrays] | None,
        rates: LearningRates,
        device: str,
    ) -> SpanRun:
        """Sampled or materialised start, or the arrays given.

        Raises:
            EngineError: for float32 or a device other than the CPU.
        """
        if problem.dtype != "float64":
            raise EngineError('engine span computes in float64; set dtype = "float64"')
        if device != "cpu":
            raise EngineError(f"engine span runs on the cpu, not on {device!r}")

        def start(index: int) -> ReducedStart:
            # a start that overflows is a run that diverges at step 0, not a warning
            with np.errstate(over="ignore", invalid="ignore"):
                if arrays is not None:
                    return project(arrays[index], problem.train_output)
                if problem.start == "sampled":
                    return draw_reduced(problem, runs[index])
                return project(draw_arrays(problem, runs[index]), problem.train_output)

        # One BLAS thread a run: faster than sharing one product, and the same bits on any
        # number of cores.
        with (
            threadpool_limits(1, user_api="blas"),
            ThreadPoolExecutor(numba.get_num_threads()) as pool,
        ):
            starts = list(pool.map(start, range(len(runs))))
        return SpanRun(problem, starts, rates)

    def provenance(self) -> dict[str, Any]:
        """Versions and threads the numbers depend on."""
        return {"numba": numba.__version__, "threads": numba.get_num_threads()}


ENGINE = SpanEngine()
