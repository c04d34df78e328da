"""How long a sweep will take, from a probe of its smallest and its largest cell."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

from .batch import start_batch
from .model_problem import AnyProblem
from .problem import Problem
from .sweep import Sweep


class Prober(Protocol):
    """An executor that can call a function on one of its workers."""

    capacity: int

    def probe(self, work: Callable[..., float], *args: object) -> float | None:
        """Call a function on a worker; None if no worker is free."""


#: Runs in a probe, enough to keep all cores busy, and seconds its steps should take.
_RUNS = min(32, max(4, os.cpu_count() or 1))
_ENOUGH = 0.05


def estimate_seconds(
    sweep: Sweep, engine: str = "span", device: str = "cpu", executor: Prober | None = None
) -> float:
    """Seconds all runs of a sweep will take, roughly; more if the machine is busy.

    Cost model: runs × (start + steps × step + log steps × observing), each cost measured on a few
    runs of the cells with the smallest and the largest N (then d_h, or fresh tokens, then d), and
    averaged.

    Args:
        sweep: what to train.
        engine: as for `train`, like ``device``.
        device: where to train.
        executor: the executor that will train; the probe runs on one of its workers, here if None.

    Returns:
        Seconds; NaN if no worker is free for a probe.

    Raises:
        EngineError: the engine cannot train one of the two cells.

    Example:
        >>> problems = {"a": Problem(n_samples=4, dim=100)}
        >>> 0 < estimate_seconds(Sweep("one", problems, seeds=2, steps=10)) < 60
        True
    """

    def size(problem: AnyProblem) -> tuple[int, int, int]:
        width = problem.key_dim if isinstance(problem, Problem) else problem.test_tokens
        return problem.n_samples, width, problem.dim

    problems = sweep.problems.values()
    probed = dict.fromkeys((min(problems, key=size), max(problems, key=size)))
    per_run = []
    for problem in probed:
        arguments = (problem, sweep.seeds, sweep.steps, sweep.logged, engine, device)
        spent = probe(*arguments) if executor is None else executor.probe(probe, *arguments)
        if spent is None:
            return math.nan
        per_run.append(spent)
    capacity = 1 if executor is None else max(executor.capacity, 1)
    return sweep.runs * sum(per_run) / len(per_run) / capacity


def probe(
    problem: AnyProblem, seeds: int, steps: int, logged: int, engine: str, device: str
) -> float:
    """Seconds a run will take here, measured on a few runs."""
    runs = list(range(min(_RUNS, seeds)))
    batch = start_batch(problem, runs, engine, device)
    batch.advance(1)  # compiled here, if it is not yet
    batch.observe()
    start = _time(lambda: start_batch(problem, runs, engine, device), repeats=3)
    observing = _time(batch.observe, repeats=3)
    stretch = 1
    while (spent := _time(partial(batch.advance, stretch))) < _ENOUGH and stretch < steps:
        stretch *= 4
    return (start + steps * spent / stretch + logged * observing) / len(runs)


def _time(work: Callable[[], object], repeats: int = 1) -> float:
    """Seconds of the fastest of a few repeats: other work on the machine can only add to them."""
    spent = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return min(spent)
