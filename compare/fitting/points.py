"""What every fit takes from calibration cells: runs, formulas at points, limits over runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sympy import Expr

from ...theory import Bound, evaluate
from ...theory.evaluation.numbers import log_expression, symbol_names
from ..cells import CellResult, Study
from ..statistics.order_statistics import quantile_limits
from ..thresholds import FIT_MIN_RUNS, OBEYING_LIMIT_MISS, OBEYING_SHARE
from .bounds import log_excess, speaks_of, stage_number, stage_of_named
from .means import runs_behind

Array = NDArray[np.float64]


class NotFittableError(Exception):
    """The calibration data do not determine the constants; the message says why."""


def check_measured(cells: Iterable[CellResult], bounds: Sequence[Bound]) -> None:
    """Raise unless every calibration cell has what is bounded and what the formulas hold.

    Raises:
        NotFittableError: naming a cell and the quantity.
    """
    cells = list(cells)
    for quantity in dict.fromkeys(name for b in bounds for name in (b.quantity, *b.logged)):
        without = [r.cell.name for r in cells if quantity not in r.trajectory.quantities]
        if without:
            raise NotFittableError(f"the curves of {without[0]} have no {quantity}")


def check_runs(runs: int, what: str) -> None:
    """Raise unless enough calibration runs reached something.

    Raises:
        NotFittableError: saying how many did, and how many are needed.
    """
    if runs < FIT_MIN_RUNS:
        raise NotFittableError(f"{runs} calibration runs reached {what}; {FIT_MIN_RUNS} are needed")


def runs_of(result: CellResult, chosen: NDArray[np.bool_]) -> int:
    """How many runs some of a cell's curves stand for: one each, or all for a mean.

    Args:
        result: the cell.
        chosen: (R,) the curves, or (R, T) their points.
    """
    rows = chosen.reshape(len(chosen), -1).any(axis=1)
    return int(runs_behind(result)[rows].sum())


def at_points(
    expr: Expr,
    values: Mapping[str, Array | float],
    use: NDArray[np.bool_],
    *,
    log: bool = False,
    absolute: bool = False,
) -> Array:
    """(n,) a formula, or its logarithm, at the chosen points of a cell.

    Args:
        expr: free of open constants.
        values: as `run_values` gives them.
        use: (R, T) the points.
        log: whether the logarithm is asked for.
        absolute: whether the formula is a logarithm.
    """
    known = symbol_names(expr)
    given = {name: value for name, value in values.items() if name in known}
    if log:
        value = evaluate(log_expression(expr), given, absolute=True, of=expr)
    else:
        value = evaluate(expr, given, absolute=absolute)
    picked: Array = np.broadcast_to(np.asarray(value), use.shape)[use]
    return picked


def worst_of_runs(values: Array, owner: NDArray[np.int64], worst: np.ufunc) -> Array:
    """The worst value of each run that has a value."""
    order = np.argsort(owner, kind="stable")
    first = np.flatnonzero(np.diff(owner[order], prepend=-1))
    return np.asarray(worst.reduceat(values[order], first) if len(first) else np.empty(0))


def obeying_limits(least: Array, *, upper: bool) -> tuple[float, float]:
    """Limits of the constant that `OBEYING_SHARE` of all runs obey, from each run's own.

    Args:
        least: (R,) the constant each run needs.
        upper: whether a larger constant covers more runs.
    """
    if upper:
        return quantile_limits(least, OBEYING_SHARE, OBEYING_LIMIT_MISS)
    low, high = quantile_limits(-least, OBEYING_SHARE, OBEYING_LIMIT_MISS)
    return -high, -low


def nothing_to_fit(
    study: Study, cells: Iterable[CellResult], bounds: Sequence[Bound], runs: int
) -> str:
    """Why no calibration run has a point to fit to."""
    points = at_floor = 0
    for result in cells:
        for bound in bounds:
            stage = stage_of_named(study.theorem, bound.name)
            use = (stage_number(study, result) == stage.number) & result.good[:, None]
            excess = log_excess(study, result, bound)[use & speaks_of(bound, result)]
            points += int((~np.isnan(excess)).sum())
            at_floor += int(np.isneginf(excess).sum())
    floor, quantity = bounds[0].floor, bounds[0].quantity
    if points and at_floor == points:
        return f"{quantity} is never above {floor} in {runs} calibration runs"
    if points:
        return f"no {quantity} of {runs} calibration runs is far enough above {floor} to be fitted"
    return f"no calibration run has a point in its stage, of {runs}"
