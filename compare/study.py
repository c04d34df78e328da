"""`Cell` and `Study`: what was trained, in which role, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ..simulate import Problem, Trajectory
from ..theory import AssumptionReport, Theorem
from .constants import Constants
from .verdict import Scope

Array = NDArray[np.float64]


class Role(StrEnum):
    """What a cell is used for; never both."""

    CALIBRATION = "calibration"
    HELD_OUT = "held out"


#: What a cell is for; an experiment's cells have the experiment's own name.
Kind = str


@dataclass(frozen=True)
class Cell:
    """One problem to train with several seeds, and its role.

    Attributes:
        name: unique within a study; used in file names.
        role: calibration cells fit constants, held-out cells decide claims.
        kind: ``"stage"`` cells are trained through all stages of the theorem; ``"ladder"``
            cells sample N·SNR² on both sides of the condition; ``"powers"`` cells vary every
            number at once for the exponents; the others stand on both sides of a boundary, each
            kind with its own way of scaling the rest: ``"lean"`` sigma_V at a thousandth of its
            cap, ``"wide"`` d_h varied and d enormous, ``"deep"`` d alone, ``"map"`` the paper's
            own heat map. Cells of an experiment have its name as their kind, or ``"heatmap"``.
        problem: what is trained.
        steps: gradient steps.
        note: why this cell is here.
        log_at: its own log schedule; empty for the preset's.
        seeds: its own number of runs; 0 for the preset's.
    """

    name: str
    role: Role
    kind: Kind
    problem: Problem
    steps: int
    note: str = ""
    log_at: str = ""
    seeds: int = 0


@dataclass(frozen=True)
class CellResult:
    """A trained cell.

    Attributes:
        cell: what was asked.
        trajectory: what was logged.
        values: the cell's numbers by theory symbol name (N, d, d_h, mu, …).
        assumptions: Assumption 4.1 at these numbers, C = 1.
        events: event name -> (R,) steps, NaN where a run did not reach it.
    """

    cell: Cell
    trajectory: Trajectory
    values: Mapping[str, float]
    assumptions: AssumptionReport
    events: Mapping[str, Array]

    @property
    def inside(self) -> bool:
        """Whether Assumption 4.1 holds at C = 1."""
        return self.assumptions.holds

    @property
    def ok(self) -> NDArray[np.bool_]:
        """(R,) runs that did not diverge."""
        return ~self.trajectory.diverged


@dataclass(frozen=True)
class Study:
    """Everything claims are decided from, for one theorem.

    Attributes:
        theorem: the theorem under check.
        results: all trained cells.
        constants: fitted on the calibration cells.
    """

    theorem: Theorem
    results: tuple[CellResult, ...]
    constants: Constants = field(default_factory=Constants)

    def select(self, role: Role | None = None, kind: str | None = None) -> Iterator[CellResult]:
        """Results with that role and kind, in order."""
        for result in self.results:
            if role in (None, result.cell.role) and kind in (None, result.cell.kind):
                yield result


def scope_of(results: Iterable[CellResult]) -> Scope:
    """Where some cells stand with respect to Assumption 4.1 at C = 1."""
    inside = {result.inside for result in results}
    if not inside:
        return Scope.NONE
    return Scope.BOTH if len(inside) == 2 else Scope.INSIDE if True in inside else Scope.OUTSIDE
