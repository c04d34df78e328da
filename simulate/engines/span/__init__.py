"""Engine ``span``: exact gradient descent whose cost does not depend on d, d_h or d_v.

All gradients lie in the span of the training tokens, so the run is carried out on inner
products among tokens (DERIVED, algebra and no approximation). No torch.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ...errors import EngineError
from ...initialization import (
    InitialArrays,
    Labels,
    ReducedStart,
    draw_arrays,
    draw_reduced,
    project,
    start_bytes,
)
from ...numerics.ram import machine_memory
from ...numerics.threads import spread
from ...problem import Problem
from ...rare_error.tail_frame import TAIL_TOKENS
from ...snapshot import Snapshot
from ..protocol import LearningRates
from .kernel import advance as advance_runs
from .observe import observe, stack
from .tail import tail_frame

#: Most numbers that the runs of one window hold together, and most runs.
_WINDOW_NUMBERS, _WINDOW_RUNS = 8_000_000, 1024
_DRAWING = threading.Lock()


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
            # mypy cannot count the arguments behind the star
            advance_runs(  # type: ignore[call-arg]
                first, last, self._gram, self._row, self._label, *self._state.values(),
                self._rates, self._problem.train_output, self._target, self._step, steps,
                self._diverged, self._reached,
            )  # fmt: skip

        spread(work, len(self._diverged))
        self._step += steps

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Forget the other runs; they cost nothing from now on."""
        self.labels = [one for one, kept in zip(self.labels, which, strict=True) if kept]
        for name in ("_gram", "_row", "_label", "_diverged", "_reached"):
            setattr(self, name, getattr(self, name)[which])
        for arrays in (self._starts, self._state):
            for name, array in arrays.items():
                arrays[name] = array[which]

    def snapshot(self, tail_tokens: int = TAIL_TOKENS) -> Snapshot:
        """Show the present state, with that many fresh tokens in its tail frame."""
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
            EngineError: for a device other than the CPU and a CUDA device that is there, or if
                the starts do not fit into memory.
        """
        run_class = _run_class(device)
        _check_memory(problem, len(runs))

        starts: dict[int, ReducedStart] = {}

        def start(index: int) -> ReducedStart:
            # a start that overflows is a run that diverges at step 0, not a warning
            with np.errstate(over="ignore", invalid="ignore"):
                if arrays is not None:
                    return project(arrays[index], problem.train_output, problem.dtype)
                if problem.start == "sampled":
                    return draw_reduced(problem, runs[index])
                drawn = draw_arrays(problem, runs[index])
                return project(drawn, problem.train_output, problem.dtype)

        def draw(first: int, last: int) -> None:
            for index in range(first, last):
                starts[index] = start(index)

        # One BLAS thread a run: faster than sharing one product, and the same bits on any
        # number of cores.
        # The limit is the whole process's, so one start at a time sets it and takes it back.
        with _DRAWING, threadpool_limits(1, user_api="blas"):
            spread(draw, len(runs))
        return run_class(problem, [starts[index] for index in range(len(runs))], rates)

    def window(self, problem: Problem) -> int:
        """Runs whose states, sums and test tokens take 64 MB, and three times that while drawn."""
        p = problem
        n = p.n_samples + 2
        width = 2 * min(p.key_dim, 2 * n)
        values = min(p.value_dim, n + 1) if p.train_output else 1
        state = 5 * n * width + 3 * n * n + 4 * n * values + 3 * width * width
        test = p.test_tokens * (n + 2 * width + 2 * values)
        return max(1, min(_WINDOW_RUNS, _WINDOW_NUMBERS // (state + test)))

    def provenance(self) -> dict[str, Any]:
        """Versions and threads the numbers depend on."""
        return {"numba": numba.__version__, "threads": numba.get_num_threads()}


def _check_memory(problem: Problem, runs: int) -> None:
    """Refuse starts that cannot fit before the first is drawn.

    Raises:
        EngineError: with the estimate, the memory there is, and what to lower.
    """
    at_once = min(runs, numba.get_num_threads())
    each, memory = start_bytes(problem), machine_memory()
    if at_once * each <= memory:
        return
    ways = ["lower n_samples or test_tokens"]
    if problem.start == "sampled" and problem.test_draw == "joint":
        spared = start_bytes(problem.replace(test_draw="resampled"))
        if at_once * spared <= memory:
            ways.append('set test_draw = "resampled"')
    if each <= memory:
        ways.append(f"set NUMBA_NUM_THREADS={memory // each} in the environment")
    raise EngineError(
        f"n_samples = {problem.n_samples}, test_tokens = {problem.test_tokens}: drawing "
        f"{at_once} start{'s' if at_once > 1 else ''} at once takes about "
        f"{at_once * each / 1e9:,.0f} GB and this machine has {memory / 1e9:,.0f} GB; "
        + ", or ".join(ways)
    )


def _run_class(device: str) -> type[SpanRun]:
    """The kind of run that trains on a device; looks for the device first."""
    if device == "cpu":
        return SpanRun
    if device == "cuda":
        from .cuda import CudaSpanRun, check_device

        check_device()
        return CudaSpanRun
    raise EngineError(f'engine span runs on "cpu" or "cuda", not on {device!r}')


ENGINE = SpanEngine()
