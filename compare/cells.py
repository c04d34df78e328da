"""`Cell` and `Study`: what was trained, in which role, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Protocol

import numpy as np
from numpy.typing import NDArray
from typing_extensions import TypeVar

from ..simulate import Problem, Trajectory
from ..theory import AssumptionReport, Theorem
from .constants import Constants
from .verdict import Scope

Array = NDArray[np.float64]


class Role(StrEnum):
    """What a cell is used for; never both.

    >>> Role("held out") is Role.HELD_OUT
    True
    """

    CALIBRATION = "calibration"
    HELD_OUT = "held out"


#: What a cell is for; an experiment's cells have the experiment's own name.
Kind = str


class Curves(Protocol):
    """What bounds are compared with: quantities of R runs at T steps, trained here or measured."""

    @property
    def steps(self) -> NDArray[Any]:
        """(T,) steps, in order."""

    @property
    def seeds(self) -> NDArray[Any]:
        """(R,) which run each row is."""

    @property
    def quantities(self) -> Mapping[str, Array]:
        """Name -> (R, T), NaN where not measured."""

    @property
    def diverged(self) -> NDArray[np.bool_]:
        """(R,) which runs diverged."""

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Where the numbers come from."""

    def __getitem__(self, quantity: str) -> Array:
        """The (R, T) array of one quantity."""


class Place(Protocol):
    """Where curves come from: a name, a role, and the numbers that held there."""

    @property
    def name(self) -> str:
        """Unique within a study."""

    @property
    def role(self) -> Role:
        """Calibration or held out."""

    @property
    def kind(self) -> str:
        """Bounds are judged on cells of kind ``"stage"``."""

    @property
    def note(self) -> str:
        """Why it is there."""

    @property
    def steps(self) -> int:
        """The last step."""

    def numbers(self) -> dict[str, Any]:
        """What defines it, JSON-ready."""


class Runs(Protocol):
    """What fitting a bound's constants and judging it need of one cell's runs.

    A `CellResult` is one, and so are curves of one's own.
    """

    @property
    def cell(self) -> Place:
        """Where they come from."""

    @property
    def trajectory(self) -> Curves:
        """The curves."""

    @property
    def values(self) -> Mapping[str, float]:
        """The cell's numbers by symbol name."""

    @property
    def assumptions(self) -> AssumptionReport:
        """The assumptions at these numbers."""

    @property
    def events(self) -> Mapping[str, Array]:
        """Event name -> (R,) steps, NaN where a run did not reach it."""

    def watched(self, event: str) -> Array:
        """(R,) last step until which each run was watched for an event."""

    @property
    def inside(self) -> bool:
        """Whether the assumptions hold."""

    @property
    def ok(self) -> NDArray[np.bool_]:
        """(R,) runs that did not diverge."""

    @property
    def promised(self) -> float:
        """The failure probability the theorem promises here; 0 if it names none."""


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

    Example:
        >>> problem = Problem(n_samples=8, dim=10_000, noise_std=0.005, learning_rate=0.3)
        >>> cell = Cell("easy", Role.HELD_OUT, "stage", problem, steps=300, note="SNR = 2")
        >>> cell.role.value, cell.numbers()["dim"]
        ('held out', 10000)
    """

    name: str
    role: Role
    kind: Kind
    problem: Problem
    steps: int
    note: str = ""
    log_at: str = ""
    seeds: int = 0

    def numbers(self) -> dict[str, Any]:
        """The problem's fields."""
        return self.problem.model_dump()


@dataclass(frozen=True)
class CellResult:
    """A trained cell.

    Attributes:
        cell: what was asked.
        trajectory: what was logged.
        values: the cell's numbers by theory symbol name (N, d, d_h, mu, …).
        assumptions: Assumption 4.1 at these numbers, C = 1.
        events: event name -> (R,) steps, NaN where a run did not reach it.

    Example:
        >>> from bofcheck.compare import analyse
        >>> from bofcheck.simulate import train
        >>> cell = Cell("small", Role.HELD_OUT, "stage", Problem(n_samples=4, dim=100), steps=5)
        >>> result = analyse(cell, train(cell.problem, seeds=2, steps=5), "benign")
        >>> result.values["N"], result.inside, result.promised, result.events["T1"].round(1)
        (4.0, False, 0.01, array([1.9, 1.4]))
    """

    cell: Cell
    trajectory: Trajectory
    values: Mapping[str, float]
    assumptions: AssumptionReport
    events: Mapping[str, Array]

    def watched(self, event: str) -> Array:
        """(R,) the last logged step: every event can be seen at every logged step."""
        return np.full(len(self.trajectory.seeds), float(self.trajectory.steps[-1]))

    @property
    def inside(self) -> bool:
        """Whether Assumption 4.1 holds at C = 1."""
        return self.assumptions.holds

    @property
    def ok(self) -> NDArray[np.bool_]:
        """(R,) runs that did not diverge."""
        return ~self.trajectory.diverged

    @property
    def promised(self) -> float:
        """1/d, the failure probability of both theorems."""
        return 1.0 / self.cell.problem.dim


R_co = TypeVar("R_co", bound=Runs, covariant=True, default=CellResult)


@dataclass(frozen=True)
class Study(Generic[R_co]):
    """Everything claims are decided from, for one theorem; each result is a `CellResult`.

    A study of a theorem of one's own holds other `Runs`.

    Attributes:
        theorem: the theorem under check.
        results: all trained cells.
        constants: fitted on the calibration cells.

    Example:
        >>> from bofcheck.compare import analyse
        >>> from bofcheck.simulate import train
        >>> from bofcheck.theory import get_theorem
        >>> cell = Cell("small", Role.HELD_OUT, "stage", Problem(n_samples=4, dim=100), steps=5)
        >>> result = analyse(cell, train(cell.problem, seeds=2, steps=5), "benign")
        >>> study = Study(get_theorem("benign"), (result,))
        >>> [one.cell.name for one in study.select(Role.HELD_OUT)], study.constants.asked
        (['small'], False)
    """

    theorem: Theorem
    results: tuple[R_co, ...]
    constants: Constants = field(default_factory=Constants)

    def select(self, role: Role | None = None, kind: str | None = None) -> Iterator[R_co]:
        """Results with that role and kind, in order."""
        for result in self.results:
            if role in (None, result.cell.role) and kind in (None, result.cell.kind):
                yield result


def scope_of(results: Iterable[Runs]) -> Scope:
    """Where some cells stand with respect to the assumptions."""
    inside = {result.inside for result in results}
    if not inside:
        return Scope.NONE
    return Scope.BOTH if len(inside) == 2 else Scope.INSIDE if True in inside else Scope.OUTSIDE


def theory_values(problem: Problem) -> dict[str, float]:
    """The problem's numbers by theory symbol name.

    With PyTorch's default initialisation (uniform on ±1/√fan_in) the standard deviations are
    1/√(3d) and ‖w_O‖ concentrates at 1/√3.

    >>> values = theory_values(Problem(n_samples=20, dim=400, noise_std=0.05))
    >>> values["N"], values["d"], values["sigma_p"]
    (20.0, 400.0, 0.05)
    """
    p = problem
    sigma_h, sigma_V, w = p.init_std_qk, p.init_std_v, p.output_norm
    if p.init == "torch-default":
        sigma_h = sigma_V = 1 / math.sqrt(3 * p.dim)
        w = 1 / math.sqrt(3)
    return {
        "N": float(p.n_samples),
        "d": float(p.dim),
        "d_h": float(p.key_dim),
        "d_v": float(p.value_dim),
        "mu": p.signal_norm,
        "sigma_p": p.noise_std,
        "sigma_h": sigma_h,
        "sigma_V": sigma_V,
        "w": w,
        "eta": p.learning_rate,
        "p": p.flip_prob,
        "epsilon": p.target_loss,
        "delta": p.fail_prob,
    }


def strength(problem: Problem) -> float:
    """N·SNR², the number both theorems' conditions turn on.

    >>> round(strength(Problem(n_samples=20, dim=400, noise_std=0.05)), 9)
    20.0
    """
    return problem.n_samples * problem.snr**2
