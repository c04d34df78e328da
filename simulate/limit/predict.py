"""`predict`: the limit of gradient descent for one problem, logged as `train` logs."""

from __future__ import annotations

import operator
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import EngineError, SimulationError, shown
from ..model_problem import AnyProblem
from ..observables import QUANTITIES
from ..problem import Problem
from ..provenance import run_provenance
from ..run_log import check_log
from ..schedule import log_steps
from ..trajectory import Trajectory
from .labels import LabelDraws, all_labels, given_labels, random_labels
from .observe import observe
from .pairs import PairedSystems
from .start import Start, check_problem, gaussian_start, typical_start
from .systems import Systems

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Prediction(Trajectory):
    """A `Trajectory` of the limit: a row for each draw of the labels, each with its share.

    Quantities that are only counted among drawn tokens are not in it. Its seeds number the draws.

    Attributes:
        weights: (R,) share of each row in a mean over the draws of the labels.

    Example:
        >>> prediction = predict(Problem(n_samples=4, flip_prob=0.1), steps=100, log="every:50")
        >>> prediction.mean("train_loss").round(3).tolist()
        [0.693, 0.499, 0.383]
    """

    problem: Problem
    weights: Array = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        """Equal shares where none are given."""
        super().__post_init__()
        runs = len(self.seeds)
        if not self.weights.size:
            object.__setattr__(self, "weights", np.full(runs, 1.0 / runs))
        if self.weights.shape != (runs,):
            raise SimulationError(f"weights: has shape {self.weights.shape}, not ({runs},)")

    def mean(self, quantity: str) -> Array:
        """(T,) mean over the draws of the labels; of log_failure_prob the log of the mean of P.

        Draws in which the quantity is a mean over no sample are left out.

        Raises:
            KeyError: no quantity has that name; the message lists the names.
        """
        values = self[quantity]
        if quantity == "log_failure_prob":
            with np.errstate(divide="ignore"):
                logs = np.where(np.isnan(values), -np.inf, values) + np.log(self.weights)[:, None]
            return np.asarray(np.logaddexp.reduce(logs, axis=0))
        known = np.isfinite(values)
        total = (np.where(known, values, 0.0) * self.weights[:, None]).sum(axis=0)
        share = (known * self.weights[:, None]).sum(axis=0)
        with np.errstate(invalid="ignore"):
            return np.asarray(np.where(share > 0, total / share, np.nan))


def predict(
    problem: AnyProblem,
    *,
    steps: int = 1000,
    log: str | Iterable[int] = "geometric:64",
    labels: Sequence[int] | None = None,
    draws: int | None = None,
    start: Trajectory | Sequence[float] | None = None,
    flow: bool = False,
    failures: bool = True,
) -> Prediction:
    """Follow the limit of gradient descent: d and d_h without end at fixed N, SNR and S0.

    Tokens are then orthogonal, and samples that share a true label and a flip stay alike, so that
    a run depends on its counts of labels alone and a step takes a fraction of a microsecond,
    whatever d and N are. Nothing is fitted (DERIVED; see docs/limit.md).

    Args:
        problem: its first logits must be small. ``stop_at_target`` is not used.
        steps: gradient steps.
        log: ``"geometric:K"``, ``"every:K"`` or explicit steps.
        labels: the counts of one draw: positive samples, flipped among them, flipped among the
            negative.
        draws: that many random draws instead: those of the runs 0 … draws-1 of `train`. With
            neither, every draw has its row and its probability.
        start: V+ and V- at step 0, 0 by default; or a `Trajectory`, whose runs are then predicted:
            each from its own labels, V+ and V-, ``|W_V w_O|`` and ``|w_O|``.
        flow: follow the limit of small learning rates, in which only learning_rate·step counts.
        failures: whether test_error, log_failure_prob and its error are computed, which take most
            of the time of a short training.

    Returns:
        A `Trajectory` with the share of each draw of the labels.

    Raises:
        EngineError: the limit does not describe the problem, or labels, draws and start do not fit.
        ScheduleError: if ``steps`` or ``log`` makes no sense.

    Example:
        >>> easy = Problem(n_samples=20, dim=10**8, noise_std=1e-4, flip_prob=0.1, key_dim=10**4)
        >>> prediction = predict(easy, steps=2000, log="every:1000", labels=(10, 1, 1))
        >>> prediction["test_error"].round(4).tolist()
        [[0.5, 0.1, 0.1]]
    """
    if not isinstance(problem, Problem):
        raise EngineError(f"problem = {shown(problem)}: give a Problem, such as Problem(dim=100)")
    check_problem(problem)
    logged = log_steps(log, steps)
    began = time.perf_counter()
    drawn, seeds, begun = _runs(problem, labels, draws, start)
    check_log(len(seeds), len(logged), len(QUANTITIES))
    kind = PairedSystems if problem.train_output else Systems
    started, types = gaussian_start(problem), drawn.types(problem.n_samples)
    systems = kind.start(started, types, begun.memory, begun.output)
    states = systems.flow(problem.learning_rate, logged) if flow else _descend(systems, logged)
    quantities = observe(started, systems.count, states, systems.place, begun, failures=failures)
    ends = systems.diverged[systems.place]
    diverged = np.where((ends >= 0).any(axis=1), np.where(ends < 0, steps + 1, ends).min(1), -1)
    for values in quantities.values():
        values[(diverged[:, None] >= 0) & (logged >= diverged[:, None])] = np.nan
    provenance: dict[str, Any] = {
        **run_provenance("limit", "cpu"),
        "flow": flow,
        "dtype": "float64",
        "wall_seconds": time.perf_counter() - began,
    }
    return Prediction(
        problem=problem,
        seeds=seeds,
        steps=logged,
        quantities=quantities,
        diverged_at=diverged.astype(np.int64),
        positive=drawn.positive,
        flipped_positive=drawn.flipped_positive,
        flipped_negative=drawn.flipped_negative,
        provenance=provenance,
        weights=drawn.weights,
    )


def _descend(systems: Systems, logged: NDArray[np.int64]) -> Array:
    """(T, S, 39) states at the logged steps."""
    states = np.empty((len(logged), *systems.state.shape))
    for column, step in enumerate(logged):
        systems.advance(int(step) - systems.taken)
        states[column] = systems.state
    return states


def _runs(
    problem: Problem,
    labels: Sequence[int] | None,
    draws: int | None,
    start: Trajectory | Sequence[float] | None,
) -> tuple[LabelDraws, NDArray[np.int64], Start]:
    """Labels, numbers and start of each run."""
    if labels is not None and draws is not None:
        raise EngineError("labels and draws exclude each other; give one")
    if isinstance(start, Trajectory):
        if labels is not None or draws is not None:
            raise EngineError("the runs of a trajectory have their labels; leave out labels, draws")
        return _trained(problem, start)
    if labels is not None:
        drawn = given_labels(problem.n_samples, labels)
    elif draws is not None:
        drawn = random_labels(problem, draws)
    else:
        drawn = all_labels(problem)
    runs = len(drawn.weights)
    begun = typical_start(gaussian_start(problem), runs)
    return drawn, np.arange(runs), replace(begun, memory=begun.memory + _memory(start))


def _memory(start: Sequence[float] | None) -> Array:
    if start is None:
        return np.zeros(2)
    try:
        memory = np.array([operator.truediv(value, 1) for value in start], dtype=np.float64)
    except TypeError:
        memory = np.empty(0)
    if memory.shape != (2,) or not np.isfinite(memory).all():
        raise EngineError(
            f"start = {shown(start)}: give V_+ and V_- at step 0, two numbers, or a Trajectory"
        )
    return memory


def _trained(problem: Problem, start: Trajectory) -> tuple[LabelDraws, NDArray[np.int64], Start]:
    """The runs of a trajectory, from their first logged step."""
    if start.problem.n_samples != problem.n_samples:
        raise EngineError(
            f"start: its runs have n_samples = {start.problem.n_samples}, the problem "
            f"{problem.n_samples}; give a trajectory of the problem"
        )
    if start.steps[0] != 0:
        raise EngineError(f"start: its first logged step is {start.steps[0]}; log step 0")
    runs = len(start.seeds)
    drawn = LabelDraws(
        start.positive, start.flipped_positive, start.flipped_negative, np.full(runs, 1.0 / runs)
    )
    memory = np.stack([start["v_plus"][:, 0], start["v_minus"][:, 0]], axis=1)
    if not np.isfinite(memory).all():
        raise EngineError("start: a run has diverged at step 0; leave it out")
    output = start["output_norm"][:, 0]
    if problem.init == "gaussian":
        output = np.full(runs, problem.output_norm)  # as given, without rounding
    square, lowest = start["value_norm"][:, 0] ** 2, start["v_noise_aligned"][:, 0]
    begun = Start(memory, square, lowest, output)
    return drawn, start.seeds.copy(), begun
