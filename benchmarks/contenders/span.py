"""The span engine, and its log steps. Neither imports torch."""

from __future__ import annotations

from typing import Literal

import numpy as np

from bofcheck.simulate import EngineError, LearningRates, Problem
from bofcheck.simulate.engines import EngineRun, get_engine
from bofcheck.simulate.models.attention import average_fresh
from bofcheck.simulate.observables import observe_quantities
from harness.cell import Cell
from harness.contender import NotOfferedError

#: Runs that keep a GPU busy, which trains each run in its own block.
MANY = 1024


def problem_of(cell: Cell, dtype: str) -> Problem:
    """The cell as a problem; the start is sampled, since d may be anything."""
    return Problem(
        n_samples=cell.n_samples,
        dim=cell.dim,
        key_dim=cell.dim,
        value_dim=cell.dim,
        noise_std=cell.noise_std,
        learning_rate=cell.learning_rate,
        init_std_qk=cell.init_std_qk,
        init_std_v=cell.init_std_v,
        train_output=cell.train_output,
        test_tokens=cell.test_tokens,
        test_draw="resampled",  # many fresh tokens are drawn quickly, and take the same work
        dtype="float32" if dtype == "float32" else "float64",
    )


class SpanSteps:
    """Training steps of a batch of runs."""

    def __init__(self, batch: EngineRun, runs: int) -> None:
        self.runs = runs
        self._batch = batch

    def step(self, count: int) -> None:
        """Gradient steps; asking for the status waits for a device."""
        self._batch.advance(count)
        self._batch.diverged_at()

    def finite(self) -> bool:
        """Whether no run has diverged."""
        return bool(np.all(self._batch.diverged_at() < 0))

    def device_bytes(self) -> int:
        """Not counted by the engine."""
        return 0


class SpanLooks(SpanSteps):
    """Log steps: a snapshot and all quantities from it, repeated at one state."""

    def __init__(self, batch: EngineRun, runs: int, problem: Problem) -> None:
        super().__init__(batch, runs)
        self._problem = problem
        batch.advance(1)

    def step(self, count: int) -> None:
        """Log steps."""
        for _ in range(count):
            observe_quantities(self._batch.snapshot(), self._problem, self._batch.labels)


class SpanTests(SpanLooks):
    """The part of a log step for losses and errors on test tokens, without log P."""

    def step(self, count: int) -> None:
        """Evaluations of all test tokens."""
        true = np.stack([labels.test_true for labels in self._batch.labels])
        observed = np.stack([labels.test_observed for labels in self._batch.labels])
        for _ in range(count):
            average_fresh(self._batch.snapshot(tail_tokens=0), true, observed)


class Span:
    """The engine, or its log steps.

    Args:
        name: as in `Contender`.
        label: as in `Contender`.
        dtype: precision of the state.
        runs: runs of a batch; 0 for the cell's.
        kind: what a step does.

    Attributes:
        name: the name given.
        label: the label given.
    """

    def __init__(
        self, name: str, label: str, dtype: str = "float64", runs: int = 0,
        kind: Literal["training", "log step", "test"] = "training",
    ) -> None:  # fmt: skip
        self.name = name
        self.label = label
        self._dtype, self._runs, self._kind = dtype, runs, kind

    def bytes_needed(self, cell: Cell) -> int:
        """Gram matrix, queries, keys, their accumulators and starts, test tokens; float64."""
        n, r, m = cell.tokens, cell.rank, cell.test_tokens
        return 8 * (self._runs or cell.runs) * (n * n + 6 * n * r + 2 * m * (n + r))

    def threads(self, device: str) -> tuple[int, ...]:
        """The engine's own choice."""
        return (0,)

    def use_threads(self, count: int) -> None:
        """Leave the engine its own choice."""

    def prepare(self, cell: Cell, device: str) -> SpanSteps:
        """All runs of the cell."""
        problem = problem_of(cell, self._dtype)
        rates = LearningRates.uniform(problem.learning_rate)
        runs = self._runs or cell.runs
        try:
            batch = get_engine("span").start(problem, range(runs), None, rates, device)
        except EngineError as error:
            raise NotOfferedError(str(error)) from None
        if self._kind == "training":
            return SpanSteps(batch, runs)
        return (SpanLooks if self._kind == "log step" else SpanTests)(batch, runs, problem)


CONTENDERS = [
    Span("span", "span, float64"),
    Span("span-many", f"span, float64, {MANY:,} runs", runs=MANY),
    Span("span-many-float32", f"span, float32, {MANY:,} runs", "float32", runs=MANY),
    Span("span-look", "span, one log step", kind="log step"),
    Span("span-test", "span, test tokens of a log step", kind="test"),
]
