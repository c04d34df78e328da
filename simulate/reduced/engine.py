"""The engines of every model but attention: ``span``, exact at any d, and its twin ``direct``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ..errors import EngineError, shown
from ..model_problem import ModelProblem
from ..numerics.ram import machine_memory
from .direct import DenseRun
from .draws import draw_extra, draw_model_arrays, draw_samples, draw_start, project_arrays
from .run import ReducedRun
from .threads import threads_for

#: Most numbers that the runs of one window hold together, and most runs.
_WINDOW_NUMBERS, _WINDOW_RUNS = 32_000_000, 1024
ENGINES = ("span", "direct")


def start_runs(
    problem: ModelProblem, runs: Sequence[int], engine: str, device: str
) -> ReducedRun | DenseRun:
    """Draw the start of each run.

    Args:
        problem: what to train.
        runs: run indices.
        engine: ``"span"`` or ``"direct"``.
        device: any torch device.

    Raises:
        EngineError: the engine is unknown or needs real arrays, torch does not see the device, or
            the runs do not fit into memory.

    Example:
        >>> from bofcheck.simulate import make_problem
        >>> batch = start_runs(make_problem(model="linear", dim=10**12), [0, 1], "span", "cpu")
        >>> batch.advance(5)
        >>> batch.diverged_at().tolist()
        [-1, -1]
    """
    check_engine(problem, engine)
    _check_device(device)
    _check_memory(problem, engine)
    samples = [draw_samples(problem, run) for run in runs]
    extras = [draw_extra(problem, run) for run in runs]
    if engine == "direct":
        arrays = [draw_model_arrays(problem, run) for run in runs]
        return DenseRun(problem, runs, samples, arrays, extras, device)
    if problem.start == "sampled":
        starts = [draw_start(problem, run) for run in runs]
    else:
        starts = [project_arrays(problem, draw_model_arrays(problem, run)) for run in runs]
    return ReducedRun(problem, runs, samples, starts, extras, device)


def check_engine(problem: ModelProblem, engine: str) -> None:
    """Refuse an engine that cannot train this problem.

    Raises:
        EngineError: it is unknown, or needs real arrays that a sampled start does not have.

    >>> from bofcheck.simulate import make_problem
    >>> check_engine(make_problem(model="linear"), "span")
    """
    if engine not in ENGINES:
        raise EngineError(f"engine {shown(engine)}: unknown; choose one of {', '.join(ENGINES)}")
    if engine == "direct" and problem.start == "sampled":
        raise EngineError(
            "engine direct needs real arrays, which a sampled start does not have; "
            'set start = "materialised"'
        )


def window(problem: ModelProblem, engine: str) -> int:
    """Number of runs to hold at once."""
    return max(1, min(_WINDOW_RUNS, _WINDOW_NUMBERS // _numbers(problem, engine)))


def provenance(problem: ModelProblem, engine: str) -> dict[str, Any]:
    """Versions and threads the numbers depend on."""
    threads = torch.get_num_threads() if engine == "direct" else threads_for(problem)
    return {"torch": torch.__version__, "threads": threads}


def _numbers(problem: ModelProblem, engine: str) -> int:
    """Numbers that one run holds, roughly."""
    mixture = problem.law.mixture()
    columns = problem.network.start_stds().size
    rows = len(mixture.norms) + len(mixture.noisy) * problem.n_samples
    fresh = (mixture.slots + len(mixture.noisy)) * problem.test_tokens * columns
    held = rows * rows + 3 * columns * columns + fresh
    held += 6 * (rows + mixture.slots * problem.n_samples) * columns
    if engine == "direct" or problem.start == "materialised":
        held += 2 * problem.dim * (rows + mixture.slots * problem.n_samples + 3 * columns)
    return held


def _check_memory(problem: ModelProblem, engine: str) -> None:
    """Refuse a run that cannot fit before it is drawn."""
    needed, memory = 8 * _numbers(problem, engine), machine_memory()
    if needed > memory:
        raise EngineError(
            f"n_samples = {problem.n_samples}, test_tokens = {problem.test_tokens}: one run takes "
            f"about {needed / 1e9:,.0f} GB and this machine has {memory / 1e9:,.0f} GB; lower "
            "n_samples, test_tokens or the number of neurons"
        )


def _check_device(device: str) -> None:
    """Try the device, so that a wrong device fails in one line and before any draw."""
    try:
        torch.zeros(1, device=device).item()
    # which of these torch raises depends on device and build
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise EngineError(
            f'device {shown(device)}: this torch does not see it; use "cpu", or a device this '
            "torch was built for"
        ) from error
