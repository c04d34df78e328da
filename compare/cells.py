"""`Cell`, `CellResult` and `Study`: problems, their runs, and the data that decide claims."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..simulate import ModelProblem, Problem, Trajectory
from ..simulate.model_problem import AnyProblem
from ..theory import AssumptionReport, MissingValueError, Theorem, evaluate
from ..theory.evaluation.numbers import symbol_names
from .constants import Constants
from .errors import CompareError
from .events import Curves, find_events, last_measured, logged_around
from .thresholds import COARSE_LOGGING
from .verdict import Scope

Array = NDArray[np.float64]


class Role(StrEnum):
    """A cell's use: to fit constants or to decide claims, never both.

    >>> Role("held out") is Role.HELD_OUT
    True
    """

    CALIBRATION = "calibration"
    HELD_OUT = "held out"


#: The group a cell belongs to; an experiment's cells have the experiment's name.
Kind = str


@dataclass(frozen=True)
class Cell:
    """One problem with several runs, and its role.

    Attributes:
        name: unique within a study; used in file names.
        role: calibration cells fit constants, held-out cells decide claims.
        kind: ``"stage"`` cells are trained through all stages of the theorem; ``"ladder"``
            cells sample N·SNR² on both sides of the condition; ``"powers"`` cells vary every
            number at once for the exponents. Four kinds lie on both sides of a boundary and differ
            in how the other numbers scale: ``"lean"`` has sigma_V at a thousandth of its cap,
            ``"wide"`` varies d_h at an enormous d, ``"deep"`` varies d alone, and ``"map"`` is the
            paper's heat map. ``"limit"``, ``"limit-edge"`` and ``"limit-size"`` cells judge the
            limit. Cells of an experiment have its name as their kind, or ``"heatmap"``.
        trained: the problem that is trained; None where curves were measured elsewhere.
        steps: gradient steps, or the last step of measured curves as a whole number.
        note: why this cell is here.
        log_at: its log schedule; empty for the preset's.
        seeds: its number of runs; 0 for the preset's.
        fields: numbers behind measured curves, by symbol name.

    Example:
        >>> problem = Problem(n_samples=8, dim=10_000, noise_std=0.005, learning_rate=0.3)
        >>> cell = Cell("easy", Role.HELD_OUT, "stage", problem, steps=300, note="SNR = 2")
        >>> cell.role.value, cell.numbers()["dim"]
        ('held out', 10000)
        >>> Cell("mine", Role.HELD_OUT, "stage", None, steps=900, fields={"N": 20.0}).numbers()
        {'N': 20.0}
    """

    name: str
    role: Role
    kind: Kind
    trained: AnyProblem | None
    steps: int
    note: str = ""
    log_at: str = ""
    seeds: int = 0
    fields: Mapping[str, float] = field(default_factory=dict, hash=False)

    @property
    def problem(self) -> Problem:
        """The transformer's problem that is trained.

        Raises:
            CompareError: the cell's curves were measured elsewhere, or are another model's.
        """
        problem = self.order
        if isinstance(problem, ModelProblem):
            raise CompareError(f"cell {self.name}: trains {problem.network.name}, not attention")
        return problem

    @property
    def order(self) -> AnyProblem:
        """The problem that is trained, of whatever model.

        Raises:
            CompareError: the cell's curves were measured elsewhere.
        """
        if self.trained is None:
            raise CompareError(f"cell {self.name}: its curves were measured, not trained here")
        return self.trained

    def numbers(self) -> dict[str, Any]:
        """The numbers that define it, JSON-ready: its problem's fields, or by symbol name."""
        if isinstance(self.trained, ModelProblem):
            return self.trained.fields()
        return dict(self.fields) if self.trained is None else self.trained.model_dump()


def check_cells(what: str, cells: Iterable[Cell]) -> None:
    """Refuse designs whose verdicts would be meaningless.

    Args:
        what: name of the cells as a group, for the message.
        cells: the cells to train.

    Raises:
        CompareError: if two cells have one name or one problem: draws are keyed by the problem, so
            the same runs would count twice, or judge the constants fitted on them.
    """
    every = dict.fromkeys(cells)
    names = [cell.name for cell in every]
    homes: dict[AnyProblem, Cell] = {}
    for cell in every:
        if names.count(cell.name) > 1:
            raise CompareError(f"{what}: {cell.name!r} names two different cells")
    for cell in every:
        home = homes.setdefault(cell.order, cell)
        if home.role is not cell.role:
            raise CompareError(
                f"{what}: the problem of {cell.name!r} is used for calibration and held out; "
                "change a number of one of the two"
            )
        if home is not cell:
            raise CompareError(
                f"{what}: {cell.name!r} has the problem of {home.name!r}, so its runs would be the "
                "same; change a number, e.g. seed"
            )


@dataclass(frozen=True)
class CellResult:
    """A cell with its curves, and a theorem's events and assumptions there; `analyse` makes it.

    Attributes:
        cell: where the curves come from.
        trajectory: the curves, trained or measured, (R, T) each.
        values: the cell's numbers by theory symbol name (N, d, d_h, mu, …).
        assumptions: the theorem's assumptions at these numbers and C = 1.
        events: event name -> (R,) steps, NaN where a run did not reach it.
        promised: the failure probability the theorem promises here; 0 if it names none.
        ends: event name -> (R,) last step at which it could have been seen.
        logged: event name -> (R,) last logged step without it and (R,) first with it.
        needs_labels: whether the theorem needs more kept than flipped labels in either class.

    Example:
        >>> from bofcheck.simulate import train
        >>> from bofcheck.theory import benign
        >>> cell = Cell("small", Role.HELD_OUT, "stage", Problem(n_samples=4, dim=100), steps=5)
        >>> result = analyse(cell, train(cell.problem, seeds=2, steps=5), benign)
        >>> result.values["N"], result.inside, result.promised, result.events["T1"].round(1)
        (4.0, False, 0.01, array([1.9, 1.4]))
    """

    cell: Cell
    trajectory: Curves
    values: Mapping[str, float]
    assumptions: AssumptionReport
    events: Mapping[str, Array]
    promised: float = 0.0
    ends: Mapping[str, Array] = field(default_factory=dict, hash=False)
    logged: Mapping[str, tuple[Array, Array]] = field(default_factory=dict, hash=False)
    needs_labels: bool = False

    @property
    def trained(self) -> Trajectory:
        """The trajectory that was trained here.

        Raises:
            CompareError: the curves were measured elsewhere.
        """
        if not isinstance(self.trajectory, Trajectory):
            raise CompareError(f"cell {self.cell.name}: its curves were measured, not trained here")
        return self.trajectory

    def watched(self, event: str) -> Array:
        """(R,) last step at which each run's quantities of an event were measured."""
        last = float(self.trajectory.steps.max())
        return self.ends.get(event, np.full(len(self.trajectory.seeds), last))

    def came(self, event: str) -> tuple[Array, Array]:
        """(R,) each: the earliest and the latest step an event can have come at; NaN for never.

        Both are the interpolated step where the logged steps around it are close to each other.
        """
        times = self.events[event]
        after, by = self.logged.get(event, (times, times))
        after = np.maximum(after, 0.0)
        coarse = by - after > COARSE_LOGGING * by
        return np.where(coarse, after, times), np.where(coarse, by, times)

    def between(self, event: str) -> tuple[Array, Array]:
        """(R,) each: the steps an event must lie between, however close; NaN for never.

        Of trajectories trained here they are as in `came`: their logs are close everywhere.
        """
        if isinstance(self.trajectory, Trajectory) or event not in self.logged:
            return self.came(event)
        after, by = self.logged[event]
        return np.maximum(after, 0.0), by

    def unseen(self, event: str) -> NDArray[np.bool_]:
        """(R,) runs in which an event had come before anything was logged, nobody knows when."""
        after = self.logged[event][0] if event in self.logged else self.events[event]
        return np.isneginf(after)

    @property
    def good(self) -> NDArray[np.bool_]:
        """(R,) runs that a theorem's bounds speak of: not diverged, and every class is taught.

        A theorem that promises its bounds with high probability leaves out draws of the labels in
        which a class has no more kept than flipped labels, if it needs the classes to be learned.
        """
        return self.ok & ~taught_nothing(self) if self.needs_labels else self.ok

    @property
    def inside(self) -> bool:
        """Whether the theorem's assumptions hold."""
        return self.assumptions.holds

    @property
    def ok(self) -> NDArray[np.bool_]:
        """(R,) runs that did not diverge."""
        return ~self.trajectory.diverged


def net_counts(result: CellResult) -> Array:
    """(R, 2) kept minus flipped labels of the classes +1 and -1."""
    trajectory = result.trained
    positive = trajectory.positive - 2 * trajectory.flipped_positive
    negative = result.cell.order.n_samples - trajectory.positive - 2 * trajectory.flipped_negative
    return np.stack([positive, negative], axis=1).astype(float)


def taught_nothing(result: CellResult) -> NDArray[np.bool_]:
    """(R,) runs in which a class has no more kept than flipped labels.

    Measured curves do not come with labels: none of their runs is one.

    Example:
        >>> from bofcheck.simulate import train
        >>> from bofcheck.theory import benign
        >>> problem = Problem(n_samples=6, dim=100, flip_prob=0.3)
        >>> cell = Cell("small", Role.HELD_OUT, "stage", problem, steps=1)
        >>> taught_nothing(analyse(cell, train(problem, seeds=4, steps=1), benign)).tolist()
        [False, True, False, False]
    """
    if not isinstance(result.trajectory, Trajectory):
        return np.zeros(len(result.trajectory.seeds), dtype=bool)
    return np.asarray(net_counts(result).min(axis=1) <= 0)


def analyse(
    cell: Cell, curves: Curves, theorem: Theorem, values: Mapping[str, float] | None = None
) -> CellResult:
    """A cell's curves with the events and assumptions of a theorem.

    Args:
        cell: where the curves come from.
        curves: the trajectory `train` returned for it, or measured curves.
        theorem: its events are located, and its assumptions checked.
        values: numbers by symbol name; None for the numbers of the cell's problem.

    Raises:
        CompareError: a number or a quantity that the theorem needs is missing.

    Example:
        >>> from bofcheck.simulate import train
        >>> from bofcheck.theory import benign
        >>> problem = Problem(n_samples=8, dim=10_000, noise_std=0.005, learning_rate=0.3)
        >>> cell = Cell("easy", Role.HELD_OUT, "stage", problem, steps=100)
        >>> result = analyse(cell, train(problem, seeds=1, steps=100), benign)
        >>> result.events["T2"].round(), result.assumptions.failing
        (array([52.]), (1, 2, 5, 7))
    """
    values = theory_values(cell.order) if values is None else values
    check_numbers(cell.name, theorem, values)
    try:
        events = find_events(theorem, curves, values)
    except CompareError as error:
        raise CompareError(f"cell {cell.name}: {error}") from None
    located = [event for event in theorem.events if event.name in events]
    return CellResult(
        cell=cell,
        trajectory=curves,
        values=values,
        assumptions=theorem.check(values),
        events=events,
        promised=promised_failure(theorem, values),
        ends={event.name: last_measured(event, curves) for event in located},
        logged={e.name: logged_around(e, curves, events[e.name]) for e in located},
        needs_labels=theorem.needs_labels,
    )


def check_numbers(cell: str, theorem: Theorem, values: Mapping[str, float]) -> None:
    """Refuse a cell without a number that its theorem needs.

    Raises:
        CompareError: naming the cell, the number, and what needs it.
    """
    needed = theorem.numbers
    missing = sorted(needed.keys() - values.keys())
    if missing:
        name = missing[0]
        raise CompareError(
            f"cell {cell}: no number for {', '.join(missing)}, which {needed[name]} needs; "
            f"write {name} = ... in the problem's file"
        )


def promised_failure(theorem: Theorem, values: Mapping[str, float]) -> float:
    """The theorem's failure probability here; 0 if it names none or a number is unknown."""
    if theorem.promised is None:
        return 0.0
    names = symbol_names(theorem.promised)
    known = {name: value for name, value in values.items() if name in names}
    try:
        value = float(evaluate(theorem.promised, known))
    except MissingValueError:
        return 0.0
    return value if 0 < value < 1 else 0.0


@dataclass(frozen=True)
class Study:
    """Everything that decides claims about one theorem.

    Attributes:
        theorem: the theorem under check.
        results: all cells with their curves.
        constants: fitted on the calibration cells.
        looks: how often claims about runs are decided, while runs are added; these share the
            chances of a miss.

    Example:
        >>> from bofcheck.simulate import train
        >>> from bofcheck.theory import benign
        >>> cell = Cell("small", Role.HELD_OUT, "stage", Problem(n_samples=4, dim=100), steps=5)
        >>> result = analyse(cell, train(cell.problem, seeds=2, steps=5), benign)
        >>> study = Study(benign, (result,))
        >>> [result.cell.name for result in study.select(Role.HELD_OUT)], study.constants.asked
        (['small'], False)
    """

    theorem: Theorem
    results: tuple[CellResult, ...]
    constants: Constants = field(default_factory=Constants)
    looks: int = 1

    def __repr__(self) -> str:
        return f"Study({self.theorem!r}, {len(self.results)} cells)"

    def select(self, role: Role | None = None, kind: str | None = None) -> Iterator[CellResult]:
        """The results with that role and kind, in order."""
        for result in self.results:
            if role in (None, result.cell.role) and kind in (None, result.cell.kind):
                yield result


def scope_of(results: Iterable[CellResult]) -> Scope:
    """Whether cells lie inside the assumptions, outside, or on both sides."""
    inside = {result.inside for result in results}
    if not inside:
        return Scope.NONE
    return Scope.BOTH if len(inside) == 2 else Scope.INSIDE if True in inside else Scope.OUTSIDE


#: The symbols of what every model but the transformer has, and its data laws'.
_SHARED = {
    "n_samples": "N", "dim": "d", "signal_norm": "mu", "noise_std": "sigma_p",
    "learning_rate": "eta", "flip_prob": "p", "target_loss": "epsilon", "label_noise": "tau",
}  # fmt: skip


def theory_values(problem: AnyProblem) -> dict[str, float]:
    """The problem's numbers by theory symbol name; of another model, by its own symbols too.

    With PyTorch's default initialisation (uniform on ±1/√fan_in) the standard deviations are
    1/√(3d) and ‖w_O‖ concentrates at 1/√3.

    >>> values = theory_values(Problem(n_samples=20, dim=400, noise_std=0.05))
    >>> values["N"], values["d"], values["sigma_p"]
    (20.0, 400.0, 0.05)
    >>> from bofcheck.simulate import make_problem
    >>> values = theory_values(make_problem(model="relu_cnn", power=3, neurons=5))
    >>> values["q"], values["m"], values["sigma_0"]
    (3.0, 5.0, 0.01)
    """
    if isinstance(problem, ModelProblem):
        names, fields = {**_SHARED, **problem.network.symbols}, problem.fields()
        return {symbol: float(fields[key]) for key, symbol in names.items() if key in fields}
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
    """N·SNR², the number that both theorems' conditions are about.

    >>> round(strength(Problem(n_samples=20, dim=400, noise_std=0.05)), 9)
    20.0
    """
    return problem.n_samples * problem.snr**2
