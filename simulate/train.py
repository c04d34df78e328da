"""`train`: from a `Problem` to a `Trajectory`, with any engine."""

from __future__ import annotations

import math
import operator
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from .batch import Batch, engine_provenance, start_batch, window
from .engines import LearningRates, Pacer
from .errors import EngineError, shown
from .initialization import InitialArrays
from .model_problem import AnyProblem, ModelProblem
from .problem import Problem
from .provenance import run_provenance
from .quantities import quantities_of
from .run_log import RunLog, check_log
from .schedule import log_steps
from .trajectory import Trajectory

#: Largest number of runs in one call.
MOST_RUNS = 1_000_000


def train(
    problem: AnyProblem,
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
    """Train a model by gradient descent and log it: the two-layer transformer or another model.

    Args:
        problem: data, model, initialisation and step size; a `Problem` is the transformer's.
        seeds: number of runs (indices 0 … K-1), or the run indices themselves.
        steps: gradient steps of each run.
        engine: ``"span"`` (exact, reduced) or ``"direct"`` (autograd, the reference).
        log_at: ``"geometric:K"``, ``"every:K"`` or explicit steps.
        start: ``"sampled"`` or ``"materialised"`` instead of the problem's start, or (for the
            transformer) an `InitialArrays` for each run.
        rates: for the transformer, a step size for each weight instead of
            ``problem.learning_rate`` for all.
        device: ``"cpu"`` or ``"cuda"``; engines that use torch take any torch device.
        progress: called with the number of steps taken so far, a few times a second or at
            each log step. An exception it raises ends the training, as Ctrl-C does.

    Returns:
        A trajectory; runs whose output stopped being finite are marked in ``diverged_at``, runs
        that ended at their target loss in ``stopped_at``. Its provenance gives the seconds spent on
        starting, training and observing.

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
    if not isinstance(problem, Problem | ModelProblem):
        raise EngineError(f"problem = {shown(problem)}: give a Problem, such as Problem(dim=100)")
    runs = _run_indices(seeds)
    if rates is not None:
        _check_rates(rates)
    arrays: Sequence[InitialArrays] | None = None
    if isinstance(start, str):
        problem = problem.replace(start=start)
    elif start is not None:
        if isinstance(start, Mapping) or not isinstance(start, Iterable):
            raise EngineError(
                f"start = {type(start).__name__}: give a list with an InitialArrays for each run"
            )
        arrays = list(start)
        if len(arrays) != len(runs):
            raise EngineError(f"start has {len(arrays)} entries for {len(runs)} seeds")
        for array in arrays:
            if not isinstance(array, InitialArrays):
                raise EngineError(f"start = {shown(array)}: give an InitialArrays for each run")
            if isinstance(problem, Problem):
                array.check(problem)
    logged = log_steps(log_at, steps)
    names = tuple(quantities_of(problem))
    check_log(len(runs), len(logged), len(names))
    began = time.perf_counter()
    log = RunLog(len(runs), logged, names)
    size = window(problem, engine)
    pacer = Pacer()
    for first in range(0, len(runs), size):
        rows = slice(first, min(first + size, len(runs)))
        before = first * steps
        count = rows.stop - first

        def report(taken: int, before: int = before, count: int = count) -> None:
            if progress is not None:
                progress((before + count * taken) // len(runs))

        given_here = None if arrays is None else arrays[rows]
        with log.timed("start"):
            batch = start_batch(problem, runs[rows], engine, device, given_here, rates)
        _train_window(batch, problem, log, rows, pacer, report)
        del batch  # before the next window is drawn
        report(steps)
    provenance = {
        **run_provenance(engine, device),
        **engine_provenance(problem, engine),
        "wall_seconds": time.perf_counter() - began,
        **{f"{phase}_seconds": spent for phase, spent in log.seconds.items()},
    }
    return Trajectory(
        problem=problem,
        seeds=np.array(runs, dtype=np.int64),
        steps=logged,
        quantities=log.quantities,
        diverged_at=log.diverged_at,
        positive=log.positive,
        flipped_positive=log.flipped_positive,
        flipped_negative=log.flipped_negative,
        stopped_at=log.stopped_at,
        provenance=provenance,
    )


def _check_rates(rates: LearningRates) -> None:
    """Refuse step sizes that are not 0 or positive numbers."""
    if not isinstance(rates, LearningRates):
        raise EngineError(f"rates = {shown(rates)}: give LearningRates(query_key, value, output)")
    for name, rate in vars(rates).items():
        if not isinstance(rate, int | float | np.integer | np.floating) or not 0 <= rate < math.inf:
            raise EngineError(
                f"rates: {name} = {shown(rate)}: step sizes must be 0 or positive, and finite"
            )


def _run_indices(seeds: int | Sequence[int]) -> list[int]:
    """Run indices from a number of runs or the indices themselves; each once, from 0."""
    if isinstance(seeds, int) and seeds > MOST_RUNS:
        raise EngineError(f"seeds = {shown(seeds)}: at most {MOST_RUNS:,} runs are trained at once")
    try:
        runs = [
            operator.index(seed) for seed in (range(seeds) if isinstance(seeds, int) else seeds)
        ]
    except TypeError:
        raise EngineError(
            f"seeds = {shown(seeds)}: give a number of runs, or whole run indices"
        ) from None
    if not runs or min(runs) < 0 or len(set(runs)) < len(runs):
        raise EngineError(f"seeds = {shown(seeds)}: give at least one run, each index once, from 0")
    return runs


def _train_window(
    batch: Batch,
    problem: AnyProblem,
    log: RunLog,
    rows: slice,
    pacer: Pacer,
    report: Callable[[int], None],
) -> None:
    """Take a batch of runs through all their steps and log it."""
    log.count(rows, batch.labels)
    position = np.arange(rows.start, rows.stop)  # of the runs the batch still holds
    now = 0
    for column, step in enumerate(log.steps):

        def going_on(taken: int, before: int = now) -> None:
            report(before + taken)

        with log.timed("training"):
            pacer.advance(batch, int(step) - now, going_on)
        now = int(step)
        with log.timed("observing"):
            observed, finite = batch.observe()
        diverged, stopped = batch.diverged_at(), batch.stopped_at()
        diverged = np.where(~finite & (diverged < 0), now, diverged)
        if problem.stop_at_target:
            reached = (diverged < 0) & (stopped < 0)
            reached &= observed["train_loss"] <= problem.target_loss
            stopped = np.where(reached, now, stopped)
        going = log.record(column, position, observed, diverged, stopped)
        report(now)
        if not going.any():
            break
        if not going.all():
            batch.keep(going)
            position = position[going]
