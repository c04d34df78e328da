"""Trajectories written from known numbers, read by the same event detection as trained ones.

Events are set by the quantities that define them, each linear in the step number, so detection
between logged steps finds the known time itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from ...simulate import QUANTITIES, Trajectory
from ...theory import Theorem, get_theorem
from ...theory.regime import LINEAR_PHASE_END
from ..cells import Cell, CellResult, Role, Study, theory_values
from ..events import find_events
from .cells import RUNS, assumptions_of

Array = NDArray[np.float64]


class Truth(Protocol):
    """What the runs of a cell obey: how a cell is drawn, and which theorem it is about."""

    regime: ClassVar[str]

    def cells(self) -> tuple[Cell, ...]:
        """The cells of a study, unless others are given."""

    def result(
        self, theorem: Theorem, cell: Cell, rng: np.random.Generator, noise: float, runs: int
    ) -> CellResult:
        """One cell whose runs obey this truth, with scatter ``noise`` times the measured one."""


#: Logged steps of a synthetic trajectory, and its length over its latest T3.
POINTS = 72
LENGTH = 1.25
#: Intervals of an evenly spaced trajectory.
EVEN = 400


@dataclass(frozen=True)
class RunDraws:
    """Labels and starts of a synthetic cell's runs.

    Attributes:
        positive: (R,) samples with true label +1.
        flipped_positive: (R,) how many of these are flipped.
        flipped_negative: (R,) how many of the others are.
        start: (R, 2) V+(0) and -V-(0), in units of sigma_p·|W_V w_O|.
    """

    positive: NDArray[np.int64]
    flipped_positive: NDArray[np.int64]
    flipped_negative: NDArray[np.int64]
    start: Array


def log_steps(times: Mapping[str, Array]) -> NDArray[np.int64]:
    """Step 0 and a geometric schedule through all stages of every run.

    Example:
        >>> steps = log_steps({"T1": np.array([10.0]), "T3": np.array([800.0])})
        >>> int(steps[0]), int(steps[-1]), bool(np.all(np.diff(steps) > 0))
        (0, 1000, True)
    """
    last = LENGTH * float(np.max(times["T3"]))
    first = max(1.0, min(float(np.min(times["T1"])) / 8, last / 2))
    grid = np.rint(np.geomspace(first, last, POINTS)).astype(np.int64)
    return np.unique(np.concatenate([np.zeros(1, dtype=np.int64), grid]))


def even_steps(times: Mapping[str, Array]) -> NDArray[np.int64]:
    """Evenly spaced steps through all stages, finely enough for rows between them.

    Example:
        >>> steps = even_steps({"T3": np.array([800.0])})
        >>> int(steps[0]), int(steps[-1]), steps.size
        (0, 1000, 401)
    """
    last = LENGTH * float(np.max(times["T3"]))
    return np.unique(np.rint(np.linspace(0, last, EVEN + 1)).astype(np.int64))


def synthetic_cell(
    cell: Cell,
    regime: str,
    times: Mapping[str, Array],
    steps: NDArray[np.int64],
    quantities: Mapping[str, Array | float],
    draws: RunDraws | None = None,
) -> CellResult:
    """A cell whose runs meet T1, T2 and T3 at given times, analysed like a trained one.

    Args:
        cell: problem and role.
        regime: ``"benign"`` or ``"harmful"``.
        times: T1, T2 and T3, each (R,) steps.
        steps: (T,) logged steps.
        quantities: what the scenario is about, each broadcast to (R, T).
        draws: labels and starts of the runs; balanced, without flips and from V = 0 if None.

    Returns:
        The cell with its trajectory, assumptions and events.

    Example:
        >>> from bofcheck.compare import Role
        >>> from bofcheck.simulate import Problem
        >>> cell = Cell("synthetic", Role.HELD_OUT, "stage", Problem(n_samples=8), steps=1000)
        >>> times = {"T1": np.array([10.0]), "T2": np.array([200.0]), "T3": np.array([800.0])}
        >>> result = synthetic_cell(cell, "benign", times, log_steps(times), {"test_error": 0.1})
        >>> [round(float(result.events[name][0]), 6) for name in ("T1", "T2", "T3")]
        [10.0, 200.0, 800.0]
    """
    t = steps[None, :].astype(float)
    share = {event: t / times[event][:, None] for event in ("T1", "T2", "T3")}
    problem = cell.problem
    written: dict[str, Any] = {
        "train_loss": problem.target_loss * np.maximum(2.0 - share["T3"], 0.0),
        "test_loss": np.log(2.0),
        "test_error": 0.5,
        "log_failure_prob": np.log(0.5),
        "attention_clean": 0.5,
        "attention_flipped": 0.5,
        "attention_test": 0.5,
    }
    residual = np.maximum(1.0 - (1.0 - float(LINEAR_PHASE_END) / 0.5) * share["T2"], 0.0) / 2
    written |= {"residual_clean": residual, "residual_all": residual}
    if regime == "benign":
        start = np.zeros((len(times["T1"]), 2)) if draws is None else draws.start
        # both memories reach a fresh token's standard deviation at T1, from where they start
        ahead = [v[:, None] + (1 - v[:, None]) * share["T1"] for v in start.T]
        written |= {
            "v_plus": problem.noise_std * ahead[0],
            "v_minus": -problem.noise_std * ahead[1],
            "value_norm": 1.0,
        }
    else:
        written["v_noise_aligned"] = share["T1"] - 1.0
    shape = (len(times["T1"]), steps.size)
    arrays = {
        name: np.broadcast_to(np.asarray(value, dtype=float), shape)
        for name, value in (dict.fromkeys(QUANTITIES, 0.0) | written | dict(quantities)).items()
    }
    runs = shape[0]
    none = np.zeros(runs, dtype=np.int64)
    counts = (np.full(runs, problem.n_samples // 2), none, none)
    if draws is not None:
        counts = (draws.positive, draws.flipped_positive, draws.flipped_negative)
    trajectory = Trajectory(
        problem, np.arange(runs), steps, arrays, np.full(runs, -1), *counts
    )  # fmt: skip
    values = theory_values(problem)
    events = find_events(get_theorem(regime), trajectory, values)
    promised = 1.0 / problem.dim
    return CellResult(cell, trajectory, values, assumptions_of(problem), events, promised)


def synthetic_study(
    rng: np.random.Generator,
    noise: float,
    truth: Truth,
    held_out: Truth | Callable[[Study], Truth] | None = None,
    *,
    by_name: Mapping[str, Truth] | None = None,
    cells: Sequence[Cell] | None = None,
    runs: int = RUNS,
) -> Study:
    """An unfitted study whose calibration cells obey one truth and held-out cells maybe another.

    Args:
        rng: where the scatter between runs comes from; calibration cells are drawn first.
        noise: factor on the measured scatter; 0 for none.
        truth: what calibration cells obey.
        held_out: what held-out cells obey, or how it follows from the calibration cells;
            the same truth unless given.
        by_name: what single held-out cells obey, by their name.
        cells: other cells than the truth's.
        runs: runs a cell.

    Example:
        >>> from bofcheck.compare import fit_constants
        >>> from bofcheck.compare.calibration import BenignTruth, HarmfulTruth
        >>> rng = np.random.default_rng(0)
        >>> truths = BenignTruth(), HarmfulTruth()
        >>> fits = [fit_constants(synthetic_study(rng, 0.0, t)).constants for t in truths]
        >>> round(fits[0]["k2"].value, 6), round(fits[1]["C2"].value, 6)
        (30.0, 0.02)
    """
    theorem = get_theorem(truth.regime)
    chosen = truth.cells() if cells is None else cells
    results: dict[str, CellResult] = {}
    for cell in chosen:
        if cell.role is Role.CALIBRATION:
            results[cell.name] = truth.result(theorem, cell, rng, noise, runs)
    if callable(held_out):
        held_out = held_out(Study(theorem, tuple(results.values())))
    for cell in chosen:
        if cell.role is Role.HELD_OUT:
            obeyed = (by_name or {}).get(cell.name, held_out or truth)
            results[cell.name] = obeyed.result(theorem, cell, rng, noise, runs)
    return Study(theorem, tuple(results[cell.name] for cell in chosen))
