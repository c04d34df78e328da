"""Harmful studies whose constants, stage times and scatter are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ...theory import Theorem
from ..cells import Cell, CellResult, Study, theory_values
from ..fitting.bounds import bound_along, stage_number
from .cells import harmful_cells
from .noise import HARMFUL, standard
from .synthetic import log_steps, synthetic_cell

Array = NDArray[np.float64]

#: Constants of the laws that put T1, T2 and T3 where training puts them in units of T2.
TIMES: Mapping[str, Mapping[str, float]] = {
    "T1": {"c1": 46.0}, "T2": {"c2": 86.0}, "T3": {"c3": 1.6},
}  # fmt: skip


@dataclass(frozen=True)
class HarmfulTruth:
    """What some cells of a harmful study obey.

    Attributes:
        C1: constant of the excess test_error in stage 1.
        C2: constant of the growth of test_loss in stage 2.
        level: test_loss in stage 3 and after it, in nats.
        stretch: what T3 is multiplied by.

    Example:
        >>> from bofcheck.compare.calibration.synthetic import synthetic_study
        >>> study = synthetic_study(np.random.default_rng(0), 0.0, HarmfulTruth(level=0.25))
        >>> float(study.results[0].trajectory["test_loss"][0, -1])
        0.25
    """

    C1: float = 0.01
    C2: float = 0.02
    level: float = 0.30
    stretch: float = 1.0

    regime: ClassVar[str] = "harmful"

    def cells(self) -> tuple[Cell, ...]:
        """Those of `harmful_cells`."""
        return harmful_cells()

    def result(
        self, theorem: Theorem, cell: Cell, rng: np.random.Generator, noise: float, runs: int
    ) -> CellResult:
        """Scatter as measured on harmful cells."""
        level = HARMFUL.scaled(noise)
        known = theory_values(cell.problem)
        times = {
            event: float(theorem.time(event).numeric(**known, **TIMES[event])) * np.exp(deviation)
            for event, deviation in level.draw_times(rng, runs).items()
        }
        times["T3"] = times["T3"] * self.stretch
        result = synthetic_cell(cell, "harmful", times, log_steps(times), {})
        study = Study(theorem, (result,))
        growth = self.C2 * np.exp(level.growth * standard(rng, (runs, 1)))
        floor = self.level + level.level * standard(rng, (runs, 1))
        loss = np.broadcast_to(floor, result.trajectory["train_loss"].shape)
        second = bound_along(study, result, theorem.bound("H2"), {"C2": growth}, log=False)
        number = stage_number(study, result)
        loss = np.where(number == 1, np.log(2.0), np.where(number == 2, second, loss))
        share = float(np.log1p(-2 * cell.problem.flip_prob))
        excess = np.log(self.C1) + level.constant * standard(rng, (runs, 1))
        failure = np.broadcast_to(np.minimum(excess - share, 0.0), loss.shape)
        quantities = dict(result.trajectory.quantities)
        quantities |= {"test_loss": loss, "log_failure_prob": failure}
        return replace(result, trajectory=replace(result.trained, quantities=quantities))
