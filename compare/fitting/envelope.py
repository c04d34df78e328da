"""Exponential decay, C·exp(-k·x): factors and rates of bounds that share constants, together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...theory import Bound
from ..cells import CellResult, Study
from ..constants import Fitted
from ..thresholds import NO_RATE_CHANGE, SLACK_C, SLACK_K
from .log_linear import LogPoints, factor, log_points, log_terms, not_log_linear, tightest
from .points import NotFittableError, obeying_limits, worst_of_runs

Array = NDArray[np.float64]

#: How the form is written in a theorem's file.
WRITTEN = "C*exp(-k*x)"


def why_not(bounds: Sequence[Bound]) -> str:
    """Why bounds are not of this form; empty if they are."""
    if why := not_log_linear(bounds):
        return why
    powers = [str(power) for part in log_terms(bounds).values() for power in part.powers]
    return f"{powers[0]} is a power" if powers else ""


def fit(study: Study, cells: Sequence[CellResult], bounds: Sequence[Bound]) -> dict[str, Fitted]:
    """The tightest envelope above every calibration point, its constants then widened."""
    upper = bounds[0].kind == "upper"
    points = log_points(study, cells, bounds)
    trivial = None
    if upper and bounds[0].quantity == "test_error" and str(bounds[0].floor) == "p":
        # E = (1-2p)·P is at most 1-2p, so an envelope C·exp(-k·x) below the trivial value exists
        trivial = max(np.log1p(-2 * result.values["p"]) for result in cells)
    fitted = without_idle_rates(points, tightest(points, upper=upper, highest=trivial))
    out = {}
    room = points.matrix @ fitted - points.target
    for column, name in enumerate(points.names):
        raises = raises_bound(points, column)
        weaker_up = raises == upper
        multiplies = column < points.factors
        on = _speaking(points.matrix, column, raises)
        least = fitted[column] - room[on] / points.matrix[on, column]
        worst = np.maximum if weaker_up else np.minimum
        limits = obeying_limits(worst_of_runs(least, points.owner[on], worst), upper=weaker_up)
        # a constant is widened, and its limits are taken, towards the weaker bound
        slack = (SLACK_C if multiplies else 1 / SLACK_K) ** (1 if weaker_up else -1)
        value = factor(fitted[column]) if multiplies else float(fitted[column])
        out[name] = Fitted(
            name=name,
            value=value,
            widened=value * slack,
            bounds=users(name, bounds),
            runs=points.runs,
            points=len(points.target),
            limits=(factor(limits[0]), factor(limits[1])) if multiplies else limits,
        )
    return out


def without_idle_rates(points: LogPoints, fitted: Array) -> Array:
    """The constants with rates that move the bound nowhere at 0, whatever the programme rounds."""
    moves = np.abs(points.matrix).max(axis=0) * fitted
    rates = np.arange(len(points.names)) >= points.factors
    return np.where(rates & (moves < NO_RATE_CHANGE), 0.0, fitted)


def raises_bound(points: LogPoints, column: int) -> bool:
    """Whether a larger constant makes the bound larger, at every point or at none.

    Raises:
        NotFittableError: at some points larger, at others smaller.
    """
    coefficients, name = points.matrix[:, column], points.names[column]
    if (coefficients > 0).any() and (coefficients < 0).any():
        raise NotFittableError(f"{name} raises the bound at some points and lowers it at others")
    return bool((coefficients > 0).any())


def users(name: str, bounds: Sequence[Bound]) -> tuple[str, ...]:
    """The bounds that hold a constant."""
    return tuple(b.name for b in bounds if name in {str(s) for s in b.constants})


def _speaking(matrix: Array, column: int, raises: bool) -> NDArray[np.bool_]:
    """The points that say what one constant must be: the points it is alone in, if there are any.

    Elsewhere the envelope trades constants against each other, and a run's share of one depends
    on what the worst run did to the others.
    """
    speaks = matrix[:, column] > 0 if raises else matrix[:, column] < 0
    alone = speaks & ~np.delete(matrix, column, axis=1).any(axis=1)
    out: NDArray[np.bool_] = alone if alone.any() else speaks
    return out
