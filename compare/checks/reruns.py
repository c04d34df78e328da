"""Runs of a trained cell taken again, for what its log does not say: fresh samples one by one.

A run's draws are keyed by its problem and its index, so these are the same runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ...simulate import LearningRates, draw_arrays
from ...simulate.data.signal_noise import Labels
from ...simulate.engines.span.run import SpanRun
from ...simulate.initialization import ReducedStart, draw_reduced, project
from ...simulate.snapshot import Snapshot
from ..cells import CellResult
from .model_forms import fresh_outputs

Array = NDArray[np.float64]

#: Steps beyond which no run is taken again.
MOST_STEPS = 20_000


@dataclass(frozen=True)
class State:
    """A cell's runs at one step.

    Attributes:
        step: gradient steps taken.
        snapshot: the runs, in the order of their indices.
        labels: of each run.
        starts: of each run, inner products of its tokens, fresh tokens included.
    """

    step: int
    snapshot: Snapshot
    labels: Sequence[Labels]
    starts: Sequence[ReducedStart]

    def scores(self) -> list[Array]:
        """ŷf of every run's fresh samples of true label +1, then of its samples of label -1."""
        outputs = fresh_outputs(self.snapshot)
        return [
            sign * outputs[run, labels.test_true == sign, column]
            for run, labels in enumerate(self.labels)
            for column, sign in ((0, 1), (1, -1))
        ]


def median_step(result: CellResult, event: str) -> float | None:
    """The median step of an event over a cell's runs; None unless most of them reach it."""
    steps = result.events[event][result.ok]
    reached = steps[np.isfinite(steps)]
    return float(np.median(reached)) if 2 * reached.size > result.ok.size else None


def states(result: CellResult, steps: Iterable[float]) -> list[State]:
    """The runs of a trained cell that did not diverge, at some steps.

    Args:
        result: the cell.
        steps: in order, the last at most `MOST_STEPS`; each is taken as a whole number.

    Example:
        >>> from bofcheck.compare import Cell, Role, analyse
        >>> from bofcheck.simulate import Problem, train
        >>> from bofcheck.theory import benign
        >>> problem = Problem(n_samples=4, dim=100, learning_rate=0.1)
        >>> made = train(problem, seeds=3, steps=8, log_at="every:8")
        >>> cell = Cell("small", Role.HELD_OUT, "stage", problem, steps=8)
        >>> first, last = states(analyse(cell, made, benign), (0, 8))
        >>> np.array_equal(last.snapshot.signal_values[:, 0], made["v_plus"][:, -1])
        True
    """
    problem = result.cell.problem
    begun = _starts(result)
    run = SpanRun(problem, begun, LearningRates.uniform(problem.learning_rate))
    done, out = 0, []
    for step in (int(step) for step in steps):
        run.advance(step - done)
        done = step
        out.append(State(step, run.snapshot(0), run.labels, begun))
    return out


def _starts(result: CellResult) -> list[ReducedStart]:
    problem = result.cell.problem
    runs = [int(run) for run in result.trajectory.seeds[result.ok]]
    with threadpool_limits(1, user_api="blas"):  # many small products: threads would only wait
        if problem.start == "sampled":
            return [draw_reduced(problem, run) for run in runs]
        drawn = (draw_arrays(problem, run) for run in runs)
        return [project(arrays, problem.train_output, problem.dtype) for arrays in drawn]
