"""Trained runs beside the limit's prediction of each, and how far apart they are."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ...simulate import Prediction, Trajectory, predict
from ...theory import benign
from ..cells import CellResult, Role, Study, analyse

Array = NDArray[np.float64]

#: Predictions of trajectories in use, by identity, with and without failures: several claims
#: speak of each.
_MADE: dict[tuple[int, bool], Prediction] = {}


def predicted(trained: Trajectory, *, failures: bool = True) -> Prediction:
    """The limit of each run from its labels and start at step 0, logged at the run's own steps.

    Args:
        trained: runs of a problem the limit describes, logged from step 0.
        failures: whether test_error and log_failure_prob are needed.

    Raises:
        EngineError: the limit does not describe the problem.

    Example:
        >>> from bofcheck.simulate import Problem, train
        >>> wide = Problem(n_samples=8, dim=10**8, noise_std=1e-4, key_dim=10**4)
        >>> trained = train(wide, seeds=2, steps=200, log_at="every:100")
        >>> off = predicted(trained)["train_loss"] / trained["train_loss"] - 1
        >>> bool(np.abs(off).max() < 0.02)
        True
    """
    key = id(trained), failures
    if key not in _MADE and not failures and (id(trained), True) in _MADE:
        return _MADE[id(trained), True]
    if key not in _MADE:
        _MADE[key] = predict(
            trained.problem, steps=int(trained.steps[-1]), log=trained.steps.tolist(),
            start=trained, failures=failures,
        )  # fmt: skip
        weakref.finalize(trained, _MADE.pop, key, None)
    return _MADE[key]


def limit_cells(study: Study) -> list[CellResult]:
    """The held-out cells of the kind ``limit``."""
    return list(study.select(Role.HELD_OUT, "limit"))


def complete(result: CellResult) -> NDArray[np.bool_]:
    """(R,) runs that were trained to the cell's last step: none diverged, stopped or cut off."""
    made = result.trained
    whole = int(made.steps[-1]) >= result.cell.steps
    return np.asarray(result.ok & (made.stopped_at < 0) & whole)


def worst_relative(result: CellResult, quantity: str) -> Array:
    """(R,) largest |predicted / trained - 1| of a positive quantity over the logged steps."""
    trained = result.trained[quantity]
    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.abs(predicted(result.trained)[quantity] / trained - 1)
    return _worst(off, trained, complete(result))


def worst_log_p(result: CellResult) -> Array:
    """(R,) largest error of log P over the logged steps, as a share of |log P|, at least log 2."""
    trained = result.trained["log_failure_prob"]
    with np.errstate(invalid="ignore"):
        gap = np.abs(predicted(result.trained)["log_failure_prob"] - trained)
        off = gap / np.maximum(np.abs(trained), np.log(2))
    return _worst(off, trained, complete(result))


def _worst(off: Array, trained: Array, whole: NDArray[np.bool_]) -> Array:
    """Largest error of each run; inf where the limit has no number, NaN where the run has none."""
    worst = np.where(np.isfinite(off), off, np.inf).max(axis=1)
    return np.where(whole & np.isfinite(trained).all(axis=1), worst, np.nan)


def prediction_result(result: CellResult) -> CellResult:
    """The same cell with the predicted runs and their events."""
    return analyse(result.cell, predicted(result.trained), benign, dict(result.values))


def time_errors(result: CellResult, event: str, within: float) -> tuple[Array, NDArray[np.bool_]]:
    """Errors of the predicted time of an event.

    Args:
        result: a trained cell.
        event: its name.
        within: the error allowed, for events that come near the end of training.

    Returns:
        (R,) |predicted - trained| over the trained time, of at least a step: inf where either
        comes and the other does not, NaN where that is for lack of a few steps; and (R,) whether
        either comes at all.
    """
    own, other = result.events[event], prediction_result(result).events[event]
    came, foreseen = np.isfinite(own), np.isfinite(other)
    off = np.abs(other - own) / np.maximum(own, 1.0)
    last = float(result.trained.steps[-1])
    off = np.where(came != foreseen, np.inf, off)
    near = (came & ~foreseen & (own * (1 + within) >= last)) | (
        foreseen & ~came & (other >= last * (1 - within))
    )
    return np.where(near, np.nan, off), came | foreseen


def worst_time(result: CellResult, events: Sequence[str], within: float) -> Array:
    """(R,) largest error of the times of events; NaN where none comes or a run was cut off."""
    pairs = [time_errors(result, event, within) for event in events]
    off = np.stack([np.where(there, values, -np.inf) for values, there in pairs])
    worst = np.fmax.reduce(off, axis=0)
    sure = (worst > within) | ~np.isnan(off).any(axis=0)
    return np.where(complete(result) & sure & (worst > -np.inf), worst, np.nan)


def spread(errors: Iterable[Array]) -> dict[str, float]:
    """JSON-ready: median, 95% and largest of the errors of runs that have one.

    >>> spread([np.array([0.1, 0.3]), np.array([0.2, np.nan])])["median"]
    0.2
    """
    every = np.concatenate(list(errors))
    known = every[~np.isnan(every)]
    if not known.size:
        return {}
    low, high = np.quantile(known, [0.5, 0.95], method="higher")
    return {"median": float(low), "at_95_percent": float(high), "largest": float(known.max())}
