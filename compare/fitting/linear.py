"""One factor, C·f: the value nearest to the data that covers every calibration point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...theory import Bound
from ..cells import CellResult, Study
from ..constants import Fitted
from ..thresholds import SLACK_C
from .bounds import run_values, speaks_of, stage_ends
from .form import fitted_part
from .points import (
    NotFittableError,
    at_points,
    check_measured,
    check_runs,
    obeying_limits,
    runs_of,
    worst_of_runs,
)

Array = NDArray[np.float64]

#: How the form is written in a theorem's file.
WRITTEN = "C*f"


def why_not(bounds: Sequence[Bound]) -> str:
    """Why bounds are not of this form; empty if it is one, not on test_error, in one constant."""
    first, *more = bounds
    if more or first.quantity == "test_error" or len(first.constants) != 1:
        return "it is not one bound with one constant"
    constant = first.constants[0]
    linear = first.excess.diff(constant, 2) == 0 and first.excess.subs(constant, 0) == 0
    return "" if linear else f"{constant} is not a factor of the excess"


def fit(study: Study, cells: Sequence[CellResult], bounds: Sequence[Bound]) -> dict[str, Fitted]:
    """The C nearest to the data for which floor + C·f bounds every calibration point."""
    bound = bounds[0]
    upper = bound.kind == "upper"
    check_measured(cells, bounds)
    constant = bound.constants[0]
    name, factor = str(constant), bound.excess.diff(constant)
    ratios: list[Array] = []
    largest = -np.inf
    least: list[Array] = []
    runs = 0
    for result in cells:
        if not speaks_of(bound, result):
            continue
        use = fitted_part(study, result, bound.name) & result.good[:, None]
        values = run_values(result, stage_ends(study.theorem))
        x = at_points(factor, values, use)
        above = result.trajectory[bound.quantity][use] - at_points(bound.floor, values, use)
        if np.any(np.isnan(x) & np.isfinite(above)):
            raise NotFittableError("the formula is not a number at some calibration point")
        if np.any((x < 0) & np.isfinite(above)):
            raise NotFittableError("the excess is negative at some calibration point")
        log_x = at_points(factor, values, use, log=True)
        good = np.isfinite(above) & np.isfinite(log_x)
        ratios.append(_ratio(above[good], x[good], log_x[good]))
        positive = above[good] > 0
        logs = np.log(above[good][positive]) - log_x[good][positive]
        largest = max(largest, float(logs.max(initial=-np.inf)))
        worst = np.maximum if upper else np.minimum
        least.append(worst_of_runs(ratios[-1], np.nonzero(use)[0][good], worst))
        runs += runs_of(result, use)
    points = np.concatenate(ratios) if ratios else np.empty(0)
    check_runs(runs, "the stage")
    if points.size == 0:
        raise NotFittableError(
            f"at no calibration point is there a {bound.quantity} beside an excess above 0"
        )
    value = max(float(points.max() if upper else points.min()), 0.0)
    low, high = obeying_limits(np.concatenate(least), upper=upper)
    limits = (max(low, 0.0), max(high, 0.0))
    widened = value * (SLACK_C if upper else 1 / SLACK_C)
    beyond = upper and np.isposinf(widened) and np.isfinite(largest)
    log_widened = largest + float(np.log(SLACK_C)) if beyond else None
    return {
        name: Fitted(name, value, widened, (bound.name,), runs, points.size, limits=limits,
                     log_widened=log_widened)
    }  # fmt: skip


def _ratio(above: Array, x: Array, log_x: Array) -> Array:
    """What is above the floor over the factor of C, inf beyond the range of float64."""
    ordinary = (x > np.finfo(float).tiny) & np.isfinite(x)
    with np.errstate(over="ignore", under="ignore"):
        in_logs = np.sign(above) * np.exp(
            np.log(np.abs(above), where=above != 0, out=np.full(above.shape, -np.inf)) - log_x
        )
        plain = np.divide(above, x, where=ordinary, out=np.zeros_like(above))
    return np.asarray(np.where(ordinary, plain, in_logs))
