"""Evaluate a bound along trajectories, each run at its own stage times."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..theory import Bound, Stage, Theorem
from .stages import stage_numbers
from .study import CellResult, Study

Array = NDArray[np.float64]


def stage_number(study: Study, result: CellResult) -> NDArray[np.int64]:
    """(R, T) stage number of every logged step, 0 after T3."""
    return stage_numbers(result.trajectory.steps, dict(result.events))


def run_values(result: CellResult) -> dict[str, Array | float]:
    """Everything a bound may depend on, shaped to broadcast to (R, T).

    The theory symbols of the cell, ``t`` as (1, T), and T1 … T3 as (R, 1), T2 not before T1;
    T2 is NaN where either of them is not reached.
    """
    events = result.events
    t1 = events["T1"][:, None]
    return {
        **result.values,
        "t": result.trajectory.steps[None, :].astype(float),
        "T1": t1,
        "T2": np.maximum(t1, events["T2"][:, None]),
        "T3": events["T3"][:, None],
    }


def measured_at_first_stage(result: CellResult) -> dict[str, Array]:
    """V and ‖W_V w_O‖ at the first logged step at or after T1, with that step as T1.

    A bound that starts from a measured state starts at the step it was measured at.

    Returns:
        ``T1``, ``V_max_T1``, ``u_T1``, ``N_max``, each (R, 1), NaN where T1 is not reached.
    """
    trajectory = result.trajectory
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
) -> Array:
    """The bound, or the logarithm of its excess, at every logged step of every run.

    Args:
        study: whose theorem's continuity relations are applied first.
        result: a trained cell.
        bound: one of the theorem's bounds.
        constants: constant name -> value, one for all runs or (R, 1).
        log: whether to return log(excess) instead of the bound itself.

    Returns:
        (R, T), NaN outside the bound's stage, where a needed event was not reached, or where
        a constant has no value.
    """
    bound, needed = _continuous(study.theorem, bound)
    values = run_values(result)
    if "V_max_T1" in needed:
        values |= measured_at_first_stage(result)
    stage = stage_of_named(study.theorem, bound.name)
    inside = stage_number(study, result) == stage.number
    out = np.full(inside.shape, np.nan)
    if any(str(constant) not in constants for constant in bound.constants):
        return out
    given = {name: value for name, value in (values | dict(constants)).items() if name in needed}
    result_values = bound.log_excess(**given) if log else bound.numeric(**given)
    out[inside] = np.broadcast_to(np.asarray(result_values), inside.shape)[inside]
    return out


@lru_cache(maxsize=64)
def _continuous(theorem: Theorem, bound: Bound) -> tuple[Bound, frozenset[str]]:
    """The bound that meets its neighbours, and the names it depends on."""
    continuous = theorem.continuous(bound)
    return continuous, frozenset(str(symbol) for symbol in continuous.expr.free_symbols)


def stage_of_named(theorem: Theorem, name: str) -> Stage:
    """The stage that holds the bound of that name."""
    bound = theorem.bound(name)
    return next(stage for stage in theorem.stages if bound in stage.bounds)


def stage_bound(study: Study, result: CellResult, bound: Bound) -> Array:
    """(R, T) the bound with widened constants at each run's own stage times, NaN elsewhere."""
    return bound_along(study, result, bound, study.constants.widened(), log=False)


def log_excess_error(result: CellResult) -> Array:
    """(R, T) log of the excess test error over p: log(1-2p) + log P(ŷf ≤ 0) (eq. 2)."""
    clean_share = np.log1p(-2 * result.cell.problem.flip_prob)
    return np.asarray(result.trajectory["log_failure_prob"] + clean_share)
