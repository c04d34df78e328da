"""Harmful studies whose constants, stage times and scatter are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...theory import Theorem, get_theorem
from ..cells import Cell, CellResult, Study, theory_values
from ..fitting.bounds import bound_along, stage_number
from .cells import RUNS, harmful_cells
from .noise import HARMFUL, standard
from .synthetic import assemble, log_steps, synthetic_cell

Array = NDArray[np.float64]

#: Constants of the laws that put T1, T2 and T3 where training puts them in units of T2.
TIMES: Mapping[str, Mapping[str, float]] = {
    "T1": {"c1": 46.0}, "T2": {"c2": 1200.0}, "T3": {"c3": 1.6},
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
        >>> study = harmful_study(np.random.default_rng(0), 0.0, HarmfulTruth(level=0.25))
        >>> float(study.results[0].trajectory["test_loss"][0, -1])
        0.25
    """

    C1: float = 0.01
    C2: float = 0.02
    level: float = 0.30
    stretch: float = 1.0


def harmful_study(
    rng: np.random.Generator,
    noise: float,
    truth: HarmfulTruth,
    held_out: HarmfulTruth | Callable[[Study], HarmfulTruth] | None = None,
    *,
    by_name: Mapping[str, HarmfulTruth] | None = None,
    cells: tuple[Cell, ...] | None = None,
    runs: int = RUNS,
) -> Study:
    """An unfitted study on harmful cells inside Assumption 4.1.

    Args:
        rng: where the scatter between runs comes from.
        noise: factor on the measured scatter; 0 for none.
        truth: what calibration cells obey.
        held_out: what held-out cells obey, or how it follows from the calibration cells;
            the same truth unless given.
        by_name: what single cells obey, by their name.
        cells: other cells.
        runs: runs a cell.

    Example:
        >>> from bofcheck.compare import fit_constants
        >>> study = harmful_study(np.random.default_rng(0), 0.0, HarmfulTruth())
        >>> round(fit_constants(study).constants["C2"].value, 6)
        0.02
    """
    theorem = get_theorem("harmful")
    chosen = harmful_cells() if cells is None else cells

    def result(cell: Cell, obeyed: HarmfulTruth) -> CellResult:
        return _cell(theorem, cell, rng, noise, obeyed, runs)

    return assemble(theorem, chosen, result, truth, held_out, by_name or {})


def _cell(
    theorem: Theorem,
    cell: Cell,
    rng: np.random.Generator,
    noise: float,
    truth: HarmfulTruth,
    runs: int,
) -> CellResult:
    level = HARMFUL.scaled(noise)
    known = theory_values(cell.problem)
    times = {
        event: float(theorem.time(event).numeric(**known, **TIMES[event])) * np.exp(deviation)
        for event, deviation in level.draw_times(rng, runs).items()
    }
    times["T3"] = times["T3"] * truth.stretch
    result = synthetic_cell(cell, "harmful", times, log_steps(times), {})
    study = Study(theorem, (result,))
    growth = truth.C2 * np.exp(level.growth * standard(rng, (runs, 1)))
    floor = truth.level + level.level * standard(rng, (runs, 1))
    loss = np.broadcast_to(floor, result.trajectory["train_loss"].shape)
    second = bound_along(study, result, theorem.bound("H2"), {"C2": growth}, log=False)
    number = stage_number(study, result)
    loss = np.where(number == 1, np.log(2.0), np.where(number == 2, second, loss))
    share = float(np.log1p(-2 * cell.problem.flip_prob))
    excess = np.log(truth.C1) + level.constant * standard(rng, (runs, 1))
    failure = np.broadcast_to(np.minimum(excess - share, 0.0), loss.shape)
    quantities = dict(result.trajectory.quantities)
    quantities |= {"test_loss": loss, "log_failure_prob": failure}
    return replace(result, trajectory=replace(result.trained, quantities=quantities))
