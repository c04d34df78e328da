"""Benign studies whose constants, stage times and scatter are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ...theory import Theorem
from ..cells import Cell, CellResult, Study, theory_values
from ..fitting.bounds import bound_along
from .cells import benign_cells
from .draws import deviations, draw_runs
from .noise import BENIGN, standard
from .synthetic import even_steps, log_steps, synthetic_cell

Array = NDArray[np.float64]

#: Constants of the laws that put T1, T2 and T3 of preset ``quick`` where training puts them.
TIMES: Mapping[str, Mapping[str, Mapping[str, float]]] = {
    "derived": {"T1": {"c1": 9.0}, "T2": {"c2": 15.0}, "T3": {"a": 3.4, "b": 1.1}},
    "paper": {"T1": {"c1": 4.5}, "T2": {"c2": 212.0}, "T3": {"c3": 6.0}},
}

#: Steps at which a law raised to a power keeps its value.
UNIT_STEPS = 3_000.0
#: Values at which a tilted rate keeps its value, near the middle of the cells for powers.
MIDDLE = {"eta": 0.004, "mu": 1.0, "sigma_V": 0.02, "d": 1e11, "N": 28.0, "w": 1.6}
#: How far above C2 a broken run's constant lies: beyond any slack and scatter.
BROKEN = 1_000.0


@dataclass(frozen=True)
class BenignTruth:
    """What some cells of a benign study obey.

    The rates are those of a typical run of preset ``quick``, not those of its envelope; C2 is
    small enough for the bound of stage 1 to say something.

    Attributes:
        C2: constant of the excess in stage 1, where stages 2 and 3 go on from.
        k2: rate of stage 2.
        k3: rate of stage 3.
        form: which laws the stage times follow, ``"derived"`` or ``"paper"``.
        times: event -> the law's constants; those of `TIMES` unless given.
        stretch: event -> what its law's time is multiplied by.
        power: event -> power to which its law is raised, about `UNIT_STEPS`.
        tilt: number -> power of it, about `MIDDLE`, that k2 and k3 carry beyond the bounds'.
        broken: probability with which a run's constant lies 1000 times above C2.
        settled: constants in which runs do not scatter.

    Example:
        >>> truths = BenignTruth(), BenignTruth(stretch={"T2": 1.5})  # stage 2 ends later
        >>> from bofcheck.compare.calibration.synthetic import synthetic_study
        >>> studies = [synthetic_study(np.random.default_rng(0), 0.0, truth) for truth in truths]
        >>> usual, late = (study.results[0].events["T2"][0] for study in studies)
        >>> round(float(late / usual), 3)
        1.5
    """

    C2: float = 0.01
    k2: float = 30.0
    k3: float = 6.5e-3
    form: str = "derived"
    times: Mapping[str, Mapping[str, float]] | None = None
    stretch: Mapping[str, float] = field(default_factory=dict)
    power: Mapping[str, float] = field(default_factory=dict)
    tilt: Mapping[str, float] = field(default_factory=dict)
    broken: float = 0.0
    settled: tuple[str, ...] = ()

    regime: ClassVar[str] = "benign"

    def cells(self) -> tuple[Cell, ...]:
        """Those of `benign_cells`."""
        return benign_cells()

    def result(
        self, theorem: Theorem, cell: Cell, rng: np.random.Generator, noise: float, runs: int
    ) -> CellResult:
        """A stage cell scatters as measured as a whole, a cell for powers by its runs' draws."""
        level = BENIGN.scaled(noise)
        known = theory_values(cell.problem)
        by_draws = cell.kind == "powers"
        draws = draw_runs(rng, cell.problem, runs) if by_draws else None
        off = level.draw_times(rng, runs) if draws is None else deviations(rng, cell, draws, noise)
        times = {}
        for event in ("T1", "T2", "T3"):
            law = theorem.time(event, self.form)
            step = float(law.numeric(**known, **(self.times or TIMES[self.form])[event]))
            step = UNIT_STEPS * (step / UNIT_STEPS) ** self.power.get(event, 1.0)
            times[event] = step * self.stretch.get(event, 1.0) * np.exp(off[event])
        steps = even_steps(times) if by_draws else log_steps(times)
        result = synthetic_cell(cell, "benign", times, steps, {}, draws=draws)
        constants = {}
        for name, spread in zip(("C2", "k2", "k3"), (level.constant, *level.rates), strict=True):
            deviation = spread * standard(rng, (runs, 1)) * (name not in self.settled)
            if name in off:
                deviation = off[name][:, None]
            constants[name] = getattr(self, name) * np.exp(deviation)
        for number, power in self.tilt.items():
            for name in ("k2", "k3"):
                constants[name] = constants[name] * (known[number] / MIDDLE[number]) ** power
        constants["C2"] *= np.where(rng.random((runs, 1)) < self.broken, BROKEN, 1.0)
        share = np.log1p(-2 * cell.problem.flip_prob)
        constants["C2"] = np.minimum(constants["C2"], np.exp(share))  # P is at most 1
        excess = np.full(result.trajectory["train_loss"].shape, np.nan)
        study = Study(theorem, (result,))
        for bound in theorem.bounds:
            if bound.quantity == "test_error":
                along = bound_along(study, result, bound, constants, log=True)
                excess = np.where(np.isnan(along), excess, along)
        # after T3 the theorem says nothing: the excess stays where it was
        after = np.isnan(excess)
        last = np.nanmin(excess, axis=1, keepdims=True)
        failure = np.where(after, last, excess) - share
        quantities = dict(result.trajectory.quantities) | {"log_failure_prob": failure}
        return replace(result, trajectory=replace(result.trained, quantities=quantities))
