"""How long a sweep will take, from a probe of its smallest and its largest cell."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

from .engines import LearningRates, get_engine
from .observables import observe_quantities
from .problem import Problem
from .sweep import Sweep


class Prober(Protocol):
    """A crew one of whose workers can be asked."""

    hands: int

    def probe(self, work: Callable[..., float], *args: object) -> float | None:
        """Call a function there; None where no worker is free."""


#: Runs in a probe, enough to keep all cores busy, and seconds its steps should take.
_RUNS = min(32, max(4, os.cpu_count() or 1))
_ENOUGH = 0.05


def estimate_seconds(
    sweep: Sweep, engine: str = "span", device: str = "cpu", crew: Prober | None = None
) -> float:
    """Seconds all runs of a sweep will take, roughly; more if the machine is busy.

    Cost model: runs × (start + steps × step + log steps × look), each cost measured on a few
    runs of the cells with the smallest and the largest N (then d_h, then d), and averaged.

    Args:
        sweep: what to train.
        engine: as for `train`, like ``device``.
        device: where to train.
        crew: who will train, on one of whose workers the probe is made; None for this process.

    Returns:
        Seconds; NaN where no worker is free for a probe.

    Raises:
        EngineError: the engine cannot train one of the two.

    Example:
        >>> problems = {"a": Problem(n_samples=4, dim=100)}
        >>> 0 < estimate_seconds(Sweep("one", problems, seeds=2, steps=10)) < 60
        True
    """

    def size(one: Problem) -> tuple[int, int, int]:
        return one.n_samples, one.key_dim, one.dim

    problems = sweep.problems.values()
    probed = dict.fromkeys((min(problems, key=size), max(problems, key=size)))
    per_run = []
    for problem in probed:
        asked = (problem, sweep.seeds, sweep.steps, sweep.logged, engine, device)
        spent = probe(*asked) if crew is None else crew.probe(probe, *asked)
        if spent is None:
            return math.nan
        per_run.append(spent)
    hands = 1 if crew is None else max(crew.hands, 1)
    return sweep.runs * sum(per_run) / len(per_run) / hands


def probe(problem: Problem, seeds: int, steps: int, logged: int, engine: str, device: str) -> float:
    """Seconds one run will take here, from a few of them."""
    runs = list(range(min(_RUNS, seeds)))
    rates = LearningRates.uniform(problem.learning_rate)
    chosen = get_engine(engine)
    batch = chosen.start(problem, runs, None, rates, device)
    batch.advance(1)  # compiled here, if it is not yet
    observe_quantities(batch.snapshot(), problem, batch.labels)
    start = _time(lambda: chosen.start(problem, runs, None, rates, device), repeats=3)
    look = _time(lambda: observe_quantities(batch.snapshot(), problem, batch.labels), repeats=3)
    stretch = 1
    while (spent := _time(partial(batch.advance, stretch))) < _ENOUGH and stretch < steps:
        stretch *= 4
    return (start + steps * spent / stretch + logged * look) / len(runs)


def _time(work: Callable[[], object], repeats: int = 1) -> float:
    """Seconds of the quickest of a few goes: what the machine does beside only adds."""
    spent = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return min(spent)
