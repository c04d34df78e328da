"""`train`: from a `Problem` to a `Trajectory`, with any engine."""

from __future__ import annotations

import operator
import platform
import time
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from .._version import __version__
from .engines import LearningRates, get_engine
from .errors import EngineError
from .observables import QUANTITIES, observe_quantities, training_outputs
from .pace import Pacer
from .problem import Problem
from .schedule import log_steps
from .starts import InitialArrays
from .trajectory import Trajectory


def train(
    problem: Problem,
    *,
    seeds: int | Sequence[int] = 8,
    steps: int = 1000,
    engine: str = "span",
    log_at: str | Iterable[int] = "geometric:64",
    start: str | Sequence[InitialArrays] | None = None,
    rates: LearningRates | None = None,
    device: str = "cpu",
    progress: Callable[[int], None] | None = None,
) -> Trajectory:
    """Train the two-layer transformer by full-batch gradient descent and log it.

    Args:
        problem: data, model, initialisation and step size.
        seeds: number of runs (indices 0 … K-1), or the run indices themselves.
        steps: gradient steps of each run.
        engine: ``"span"`` (exact, reduced) or ``"direct"`` (autograd, the reference).
        log_at: ``"geometric:K"``, ``"every:K"`` or explicit steps.
        start: ``"sampled"`` or ``"materialised"`` instead of the problem's own, or one
            `InitialArrays` a run.
        rates: a step size for each weight instead of ``problem.learning_rate`` for all.
        device: ``"cpu"``, or a torch device for the direct engine.
        progress: called with the number of steps taken so far, a few times a second or at
            each log step. An exception it raises ends the training, as Ctrl-C does.

    Returns:
        A trajectory; runs whose output stopped being finite are marked in ``diverged_at``.

    Raises:
        EngineError: if the engine, device or start cannot serve this problem.
        ScheduleError: if ``steps`` or ``log_at`` makes no sense.

    Example:
        >>> easy = Problem(n_samples=8, dim=200, noise_std=0.05, learning_rate=0.5)
        >>> trajectory = train(easy, seeds=2, steps=200, log_at="every:100")
        >>> trajectory["train_loss"].shape
        (2, 3)
        >>> bool((trajectory["train_loss"][:, -1] < trajectory["train_loss"][:, 0]).all())
        True
    """
    runs = _run_indices(seeds)
    if rates is not None and not all(rate >= 0 for rate in vars(rates).values()):
        raise EngineError(f"{rates}: step sizes must be 0 or positive")
    arrays: Sequence[InitialArrays] | None = None
    if isinstance(start, str):
        problem = problem.replace(start=start)
    elif start is not None:
        arrays = list(start)
        if len(arrays) != len(runs):
            raise EngineError(f"start has {len(arrays)} entries for {len(runs)} seeds")
        for one in arrays:
            one.check(problem)
    logged = log_steps(log_at, steps)
    chosen = get_engine(engine)
    began = time.perf_counter()
    batch = chosen.start(
        problem, runs, arrays, rates or LearningRates.uniform(problem.learning_rate), device
    )
    quantities = {name: np.full((len(runs), len(logged)), np.nan) for name in QUANTITIES}
    diverged_at = np.full(len(runs), -1, dtype=np.int64)
    now = 0
    pacer = Pacer()
    for column, step in enumerate(logged):
        pacer.advance(batch, int(step) - now, _offset(progress, now))
        now = int(step)
        snapshot = batch.snapshot()
        observed = observe_quantities(snapshot, problem, batch.labels)
        # engines look before each step, so only here is the state after the last step seen
        finite = np.isfinite(training_outputs(snapshot, batch.labels)).all(axis=1)
        stopped = np.where(~finite & (batch.diverged_at() < 0), now, batch.diverged_at())
        diverged_at = np.where(diverged_at < 0, stopped, diverged_at)
        going = diverged_at < 0
        for name, values in observed.items():
            quantities[name][going, column] = values[going]
        if progress is not None:
            progress(now)
        if not going.any():
            break
    provenance = {
        "engine": engine,
        "device": device,
        "dtype": problem.dtype,
        "bofcheck": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": platform.machine(),
        **chosen.provenance(),
        "wall_seconds": time.perf_counter() - began,
    }
    return Trajectory(
        problem=problem,
        seeds=np.array(runs, dtype=np.int64),
        steps=logged,
        quantities=quantities,
        diverged_at=diverged_at,
        positive=np.array([int((one.true > 0).sum()) for one in batch.labels]),
        flipped_positive=np.array(
            [int((one.flipped & (one.true > 0)).sum()) for one in batch.labels]
        ),
        flipped_negative=np.array(
            [int((one.flipped & (one.true < 0)).sum()) for one in batch.labels]
        ),
        provenance=provenance,
    )


def _run_indices(seeds: int | Sequence[int]) -> list[int]:
    """Run indices from a number of runs or the indices themselves; each once, from 0."""
    try:
        runs = [
            operator.index(seed) for seed in (range(seeds) if isinstance(seeds, int) else seeds)
        ]
    except TypeError:
        raise EngineError(
            f"seeds = {seeds!r}: give a number of runs, or whole run indices"
        ) from None
    if not runs or min(runs) < 0 or len(set(runs)) < len(runs):
        raise EngineError(f"seeds = {seeds!r}: give at least one run, each index once, from 0")
    return runs


def _offset(progress: Callable[[int], None] | None, before: int) -> Callable[[int], None] | None:
    """Progress counted from the start, for a stretch that counts from its own beginning."""
    return None if progress is None else lambda taken: progress(before + taken)
