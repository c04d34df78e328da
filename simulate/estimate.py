"""How long a sweep will take, from a probe of its smallest and its largest cell."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial

from .engines import LearningRates, get_engine
from .observables import observe_quantities
from .problem import Problem
from .sweep import Sweep

#: Runs in a probe, enough to keep all cores busy, and seconds its steps should take.
_RUNS = min(32, max(4, os.cpu_count() or 1))
_ENOUGH = 0.05


def estimate_seconds(sweep: Sweep, engine: str = "span", device: str = "cpu") -> float:
    """Seconds all runs of a sweep will take on this machine, roughly; more if it is busy.

    Cost model: runs × (start + steps × step + log steps × look), each cost measured on a few
    runs of the cells with the smallest and the largest N (then d_h, then d), and averaged.

    Raises:
        EngineError: the engine cannot train one of the two.

    Example:
        >>> problems = {"a": Problem(n_samples=4, dim=100)}
        >>> 0 < estimate_seconds(Sweep("one", problems, seeds=2, steps=10)) < 60
        True
    """
    ranked = sorted(sweep.problems.values(), key=lambda one: (one.n_samples, one.key_dim, one.dim))
    probed = dict.fromkeys((ranked[0], ranked[-1]))
    per_run = [_seconds(problem, sweep, engine, device) for problem in probed]
    return sweep.runs * sum(per_run) / len(per_run)


def _seconds(problem: Problem, sweep: Sweep, engine: str, device: str) -> float:
    """Seconds for one run."""
    runs = list(range(min(_RUNS, sweep.seeds)))
    rates = LearningRates.uniform(problem.learning_rate)
    chosen = get_engine(engine)
    batch = chosen.start(problem, runs, None, rates, device)
    batch.advance(1)  # compiled here, if it is not yet
    observe_quantities(batch.snapshot(), problem, batch.labels)
    start = _time(lambda: chosen.start(problem, runs, None, rates, device), repeats=3)
    look = _time(lambda: observe_quantities(batch.snapshot(), problem, batch.labels), repeats=3)
    steps = 1
    while (spent := _time(partial(batch.advance, steps))) < _ENOUGH and steps < sweep.steps:
        steps *= 4
    cost = start + sweep.steps * spent / steps + sweep.logged * look
    return cost / len(runs)


def _time(work: Callable[[], object], repeats: int = 1) -> float:
    """Seconds of the quickest of a few goes: what the machine does beside only adds."""
    spent = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return min(spent)
