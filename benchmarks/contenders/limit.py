"""The limit of gradient descent, whose step does not depend on N, d, d_h or d_v."""

from __future__ import annotations

import numpy as np

from bofcheck.simulate.limit.labels import random_labels
from bofcheck.simulate.limit.pairs import PairedSystems
from bofcheck.simulate.limit.start import typical_start
from bofcheck.simulate.limit.systems import Systems
from harness.cell import Cell

from .span import problem_of

#: Labels are flipped, so that no type is without samples.
FLIP_PROB = 0.2


class LimitSteps:
    """Steps of the runs that a prediction of as many draws of the labels follows."""

    def __init__(self, systems: Systems, runs: int) -> None:
        self.runs = runs
        self._systems = systems

    def step(self, count: int) -> None:
        """Gradient steps."""
        self._systems.advance(count)

    def finite(self) -> bool:
        """Whether no run has diverged."""
        return bool(np.all(self._systems.diverged < 0))

    def device_bytes(self) -> int:
        """It runs on the CPU."""
        return 0


class Limit:
    """The recursion, for a frozen or a trained w_O."""

    name = "limit"
    label = "limit, float64"

    def bytes_needed(self, cell: Cell) -> int:
        """States of both classes, and the values of a pair; float64."""
        return 8 * cell.runs * (2 * 39 + 77)

    def threads(self, device: str) -> tuple[int, ...]:
        """The engine's own choice."""
        return (0,)

    def use_threads(self, count: int) -> None:
        """Leave the engine its own choice."""

    def prepare(self, cell: Cell, device: str) -> LimitSteps:
        """The labels of all runs of the cell; classes that are the same are computed once."""
        problem = problem_of(cell, "float64").replace(flip_prob=FLIP_PROB)
        start = typical_start(problem, cell.runs)
        types = random_labels(problem, cell.runs).types(cell.n_samples)
        kind = PairedSystems if cell.train_output else Systems
        return LimitSteps(kind.start(problem, types, start.memory, start.output), cell.runs)


CONTENDERS = [Limit()]
