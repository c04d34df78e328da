"""Evaluate a bound along trajectories, each run at its own stage times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Symbol, exp

from ...simulate import Trajectory
from ...theory import Bound, Stage, Theorem, evaluate
from ...theory.evaluation.numbers import log_expression, symbol_names
from ..cells import CellResult, Study
from ..events import stage_numbers

Array = NDArray[np.float64]


#: A stage without an end lasts until this event, which never comes.
NEVER = "oo"


def stage_ends(theorem: Theorem) -> tuple[str, ...]:
    """The events a theorem's stages end with, in order."""
    return tuple(str(stage.end) for stage in theorem.stages)


def stage_number(
    study: Study, result: CellResult, steps: NDArray[Any] | None = None
) -> NDArray[np.int64]:
    """Which stage each logged step of each run lies in.

    Args:
        study: whose theorem's stages are meant.
        result: a trained cell, or other runs, with their events.
        steps: (T,) steps to number instead of the logged ones.

    Returns:
        (R, T) numbers 1, 2, …; 0 after the last stage.

    Example:
        >>> from bofcheck.compare import Cell, Role, analyse
        >>> from bofcheck.simulate import Problem, train
        >>> from bofcheck.theory import benign
        >>> easy = Problem(n_samples=8, dim=10_000, noise_std=0.005, learning_rate=0.3,
        ...                target_loss=0.1)
        >>> cell = Cell("easy", Role.HELD_OUT, "stage", easy, steps=300)
        >>> trajectory = train(easy, seeds=2, steps=300, log_at="every:100")
        >>> result = analyse(cell, trajectory, benign)
        >>> stage_number(Study(benign, (result,)), result)
        array([[1, 3, 3, 0],
               [1, 3, 3, 0]])
    """
    never = {NEVER: np.full(len(result.trajectory.seeds), np.inf)}
    at = result.trajectory.steps if steps is None else steps
    return stage_numbers(at, {**result.events, **never}, stage_ends(study.theorem))


def run_values(
    result: CellResult, ends: tuple[str, ...] = ("T1", "T2", "T3")
) -> dict[str, Array | float]:
    """Everything a bound may depend on, shaped to broadcast to (R, T).

    The symbols of the cell, ``t`` as (1, T), or (R, T) where runs have steps of their own, and the
    ends of stages as (R, 1), none before the one that precedes it; NaN where it or one before it is
    not reached. Events that end no stage as they are, and the logged quantities, (R, T) each.
    """
    values: dict[str, Array | float] = {**result.values}
    values["t"] = np.atleast_2d(result.trajectory.steps).astype(float)
    last = np.zeros((len(result.trajectory.seeds), 1))
    for end in ends:
        if end != NEVER:
            last = np.maximum(last, result.events[end][:, None])
            values[end] = last
    for event, steps in result.events.items():
        values.setdefault(event, steps[:, None])
    for quantity, logged in result.trajectory.quantities.items():
        values.setdefault(quantity, logged)
    return values


def measured_at_first_stage(result: CellResult) -> dict[str, Array]:
    """V and ‖W_V w_O‖ at the first logged step at or after T1, with that step as T1.

    A bound that starts from a measured state starts at the step it was measured at.

    Returns:
        ``T1``, ``V_max_T1``, ``u_T1``, ``N_max``, each (R, 1), NaN where T1 is not reached.
    """
    trajectory = result.trajectory
    if not isinstance(trajectory, Trajectory):
        return {}
    signal = np.maximum(np.abs(trajectory["v_plus"]), np.abs(trajectory["v_minus"]))
    runs = len(trajectory.seeds)
    out = {name: np.full((runs, 1), np.nan) for name in ("T1", "V_max_T1", "u_T1", "N_max")}
    for run in np.flatnonzero(np.isfinite(result.events["T1"])):
        at = int(np.searchsorted(trajectory.steps, result.events["T1"][run]))
        out["T1"][run] = trajectory.steps[at]
        out["V_max_T1"][run] = signal[run, at]
        out["u_T1"][run] = trajectory["value_norm"][run, at]
        positive = trajectory.positive[run]
        out["N_max"][run] = max(positive, trajectory.problem.n_samples - positive)
    return out


def bound_along(
    study: Study,
    result: CellResult,
    bound: Bound,
    constants: Mapping[str, float] | Mapping[str, Array],
    log: bool,
    steps: NDArray[Any] | None = None,
) -> Array:
    """The bound, or the logarithm of its excess, at every logged step of every run.

    Args:
        study: whose theorem's continuity relations are applied first.
        result: a trained cell.
        bound: one of the theorem's bounds.
        constants: constant name -> value, one for all runs or (R, 1).
        log: whether to return log(excess) instead of the bound itself.
        steps: (T,) steps at which to evaluate it instead of the logged ones.

    Returns:
        (R, T), NaN outside the bound's stage, where a needed event was not reached, or where
        a constant has no value; a bound that holds a logged quantity is known at logged steps only.
    """
    bound, needed = _continuous(study.theorem, bound)
    values = run_values(result, stage_ends(study.theorem))
    if steps is not None:
        values["t"] = np.atleast_2d(steps).astype(float)
    if "V_max_T1" in needed:
        values |= measured_at_first_stage(result)
    stage = stage_of_named(study.theorem, bound.name)
    inside = stage_number(study, result, steps) == stage.number
    out = np.full(inside.shape, np.nan)
    if any(str(constant) not in constants for constant in bound.constants):
        return out
    if bound.logged and steps is not None:
        return out
    if not inside.any():
        return out
    given = {name: value for name, value in (values | dict(constants)).items() if name in needed}
    for name in needed & given.keys():
        fitted = study.constants.fitted.get(name)
        if fitted and fitted.log_widened is not None and np.all(np.isposinf(given[name])):
            bound = _by_logarithm(bound, name)
            given[f"log_{name}"] = fitted.log_widened
            del given[name]
    # outside the stage it may be no number, which evaluation takes trouble over
    at = {name: _inside(value, inside) for name, value in given.items()}
    formula = log_expression(bound.excess) if log else bound.expr
    out[inside] = evaluate(formula, at, bound.name, absolute=log, of=bound.expr)
    return out


def _inside(value: Array | float, inside: NDArray[np.bool_]) -> Array | float:
    """The entries inside a stage of what broadcasts to (R, T); a single number as it is."""
    return value if np.ndim(value) == 0 else np.broadcast_to(value, inside.shape)[inside]


@lru_cache(maxsize=64)
def _by_logarithm(bound: Bound, name: str) -> Bound:
    """The bound with a constant beyond the range of float64 as the exponential of its logarithm."""
    constant = next(symbol for symbol in bound.constants if str(symbol) == name)
    logarithm = Symbol(f"log_{name}", real=True)
    excess = bound.excess.xreplace({constant: exp(logarithm)})
    others = (symbol for symbol in bound.constants if symbol != constant)
    return replace(bound, excess=excess, constants=(*others, logarithm))


@lru_cache(maxsize=64)
def _continuous(theorem: Theorem, bound: Bound) -> tuple[Bound, frozenset[str]]:
    """The bound that meets its neighbours, and the names it depends on."""
    continuous = theorem.continuous(bound)
    return continuous, symbol_names(continuous.expr)


def stage_of_named(theorem: Theorem, name: str) -> Stage:
    """The stage that holds the bound of that name."""
    bound = theorem.bound(name)
    return next(stage for stage in theorem.stages if bound in stage.bounds)


def stage_bound(
    study: Study, result: CellResult, bound: Bound, steps: NDArray[Any] | None = None
) -> Array:
    """A bound with widened constants at each run's own stage times.

    Args:
        study: whose theorem and fitted constants are used.
        result: a trained cell, or other runs, with their events.
        bound: one of the theorem's bounds.
        steps: (T,) steps at which to evaluate it instead of the logged ones.

    Returns:
        (R, T) in the bounded quantity's units; NaN outside the bound's stage, and everywhere
        where one of its constants could not be fitted.

    Example:
        >>> from bofcheck.compare import fit_constants
        >>> from bofcheck.compare.calibration import BenignTruth, synthetic_study
        >>> study = fit_constants(synthetic_study(np.random.default_rng(0), 0.0, BenignTruth()))
        >>> result = study.results[0]
        >>> along = stage_bound(study, result, study.theorem.bound("B2"))
        >>> along.shape == result.trajectory["test_loss"].shape, round(float(np.nanmax(along)), 3)
        (True, 0.116)
    """
    return bound_along(study, result, bound, study.constants.widened(), log=False, steps=steps)


def log_excess_error(result: CellResult) -> Array:
    """(R, T) log of the excess test error over p: log(1-2p) + log P(ŷf ≤ 0) (eq. 2).

    An output of 0 is wrong for either label: where every output is 0 the excess is 1-p.
    """
    p, trajectory = result.values["p"], result.trajectory
    excess = trajectory["log_failure_prob"] + np.log1p(-2 * p)
    return np.asarray(np.where(trajectory["test_error"] == 1.0, np.log1p(-p), excess))


def judged_in_log(result: CellResult, bound: Bound) -> bool:
    """Whether a bound's excess over p is known by its logarithm, however small it is."""
    known = isinstance(result.trajectory, Trajectory)  # a column of that name says nothing
    known = known and "log_failure_prob" in result.trajectory.quantities
    return known and bound.quantity == "test_error" and str(bound.floor) == "p"


def log_excess(study: Study, result: CellResult, bound: Bound) -> Array:
    """(R, T) log of what is measured above a bound's floor; -inf where that is not positive."""
    if judged_in_log(result, bound):
        return log_excess_error(result)
    values = run_values(result, stage_ends(study.theorem))
    needed = symbol_names(bound.floor)
    floor = evaluate(bound.floor, {k: v for k, v in values.items() if k in needed}, bound.name)
    measured = result.trajectory[bound.quantity]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(np.where(measured <= floor, 0.0, measured - floor)))


def measures(result: CellResult, bound: Bound) -> bool:
    """Whether a cell's curves have what is bounded, and what the bound's formula holds."""
    return {bound.quantity, *bound.logged} <= result.trajectory.quantities.keys()


def speaks_of(bound_or_law: Any, result: CellResult) -> bool:
    """Whether what a bound or law asks for on its own is met at a cell's numbers."""
    return speaks_at(bound_or_law, result.values)


def speaks_at(bound_or_law: Any, values: Mapping[str, float]) -> bool:
    """The same at some numbers by symbol."""
    asked = bound_or_law.condition
    if asked is None:
        return True
    return bool(asked.holds(**{k: v for k, v in values.items() if k in asked.names}))
