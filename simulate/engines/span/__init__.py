"""Engine ``span``: exact gradient descent whose cost does not depend on d, d_h or d_v.

All gradients lie in the span of the training tokens, so a run is computed from inner products
between tokens (DERIVED: algebra, without approximation). It does not need torch.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numba
import numpy as np
from threadpoolctl import threadpool_limits

from ...errors import EngineError
from ...initialization import (
    InitialArrays,
    ReducedStart,
    draw_arrays,
    draw_reduced,
    project,
    start_bytes,
)
from ...numerics.ram import machine_memory
from ...numerics.threads import spread
from ...problem import Problem
from .._protocol import LearningRates
from .run import SpanRun

#: Most numbers that the runs of one window hold together, and most runs.
_WINDOW_NUMBERS, _WINDOW_RUNS = 8_000_000, 1024
_DRAWING = threading.Lock()


class SpanEngine:
    """The reduced engine; see `bofcheck.simulate.engines.span`."""

    name = "span"
    needs_arrays = False

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
            EngineError: for a device other than the CPU and a CUDA device that exists, or if
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
        # The limit holds for the whole process, so a single start at a time sets and resets it.
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
        EngineError: with the memory needed, the memory there is, and what to lower.
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
    """The class of run that trains on a device; checks first that the device exists."""
    if device == "cpu":
        return SpanRun
    if device == "cuda":
        from .cuda import CudaSpanRun, check_device

        check_device()
        return CudaSpanRun
    raise EngineError(f'engine span runs on "cpu" or "cuda", not on {device!r}')


ENGINE = SpanEngine()
