"""Calibration points of bounds whose logarithm is linear in what is open, and the tightest of them.

The logarithm of the excess is a known part plus the logarithms of factors plus rates, or powers,
times known quantities: one linear programme finds the bound closest to the data, in relative log
distance, among all that cover every point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from sympy import Expr

from ...theory import Bound, EnvelopeTerms, NotAnEnvelopeError
from ..cells import CellResult, Study
from ..thresholds import LOG_EXCESS_FLOOR
from .bounds import log_excess, run_values, speaks_of, stage_ends
from .form import fitted_part
from .points import (
    NotFittableError,
    at_points,
    check_measured,
    check_runs,
    nothing_to_fit,
    runs_of,
)

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LogPoints:
    """What the logarithms of some bounds must reach at calibration points.

    Attributes:
        names: factors, then rates and powers.
        factors: how many factors there are.
        matrix: (n, K) coefficient of each constant, or of its logarithm, at each point.
        target: (n,) log of the excess, less what is known of the bound's.
        weight: (n,) of the points' distances.
        owner: (n,) index of the run.
        part: (n,) index of the cell and bound.
        cell: (n,) index of the cell.
        runs: how many calibration runs there are.
    """

    names: tuple[str, ...]
    factors: int
    matrix: Array
    target: Array
    weight: Array
    owner: NDArray[np.int64]
    part: NDArray[np.int64]
    cell: NDArray[np.int64]
    runs: int


def log_terms(bounds: Sequence[Bound]) -> dict[str, EnvelopeTerms]:
    """The linear form of each bound's log-excess, by its name.

    Raises:
        NotAnEnvelopeError: it has none.
    """
    return {bound.name: bound.envelope_terms() for bound in bounds}


def not_log_linear(bounds: Sequence[Bound]) -> str:
    """Why the logarithms of bounds are not linear in what is open; empty if they are."""
    for bound in bounds:
        try:
            bound.envelope_terms()
        except NotAnEnvelopeError as error:
            what = str(error).partition(": ")[2].partition(";")[0]
            return f"the {what}" if len(bounds) == 1 else f"of {bound.name} the {what}"
    return ""


def log_points(study: Study, cells: Sequence[CellResult], bounds: Sequence[Bound]) -> LogPoints:
    """The points of bounds that are fitted together.

    Raises:
        NotFittableError: there are too few runs, there is no point, the formula is not a number
            somewhere, or nothing depends on a constant.
    """
    terms = log_terms(bounds)
    factors = sorted({str(s) for part in terms.values() for s in part.log_constants})
    names = factors + sorted({str(s) for part in terms.values() for s in part.rates})
    rows: list[Array] = []
    targets: list[Array] = []
    weights: list[Array] = []
    owners: list[NDArray[np.int64]] = []
    homes: list[int] = []
    runs = first = 0
    check_measured(cells, bounds)
    for place, result in enumerate(cells):
        for bound in bounds:
            target, coefficients, owner = _at_stage(study, result, bound, terms[bound.name])
            if target.size == 0:
                continue
            zero = np.zeros(target.size)
            rows.append(np.column_stack([coefficients.get(name, zero) for name in names]))
            targets.append(target)
            owners.append(first + owner)
            homes.append(place)
            relative = 1.0 / (1.0 + np.abs(target))
            weights.append(relative / len(relative))
        first += len(result.ok)
        runs += runs_of(result, result.good) if any(speaks_of(b, result) for b in bounds) else 0
    check_runs(runs, "a stage")
    if not rows:
        raise NotFittableError(nothing_to_fit(study, cells, bounds, runs))
    matrix, target = np.vstack(rows), np.concatenate(targets)
    if not (np.isfinite(matrix).all() and np.isfinite(target).all()):
        raise NotFittableError("the formula is not a number at some calibration point")
    for column, name in enumerate(names):
        if not np.any(matrix[:, column]):
            raise NotFittableError(f"no calibration run has points that {name} depends on")
    sizes = [len(each) for each in targets]
    return LogPoints(
        tuple(names), len(factors), matrix, target, np.concatenate(weights),
        np.concatenate(owners), np.repeat(np.arange(len(sizes)), sizes), np.repeat(homes, sizes),
        runs,
    )  # fmt: skip


def _at_stage(
    study: Study, result: CellResult, bound: Bound, terms: EnvelopeTerms
) -> tuple[Array, dict[str, Array], NDArray[np.int64]]:
    """At a stage's points log(excess) less the offset, each constant's coefficient, whose run."""
    values = run_values(result, stage_ends(study.theorem))
    excess = log_excess(study, result, bound)
    if not speaks_of(bound, result):
        excess = np.full_like(excess, np.nan)
    use = fitted_part(study, result, bound.name)
    use &= np.isfinite(excess) & (excess >= LOG_EXCESS_FLOOR) & result.good[:, None]
    everywhere = np.ones_like(use)

    def anywhere(part: Expr, *, absolute: bool = False) -> Array:
        return at_points(part, values, everywhere, absolute=absolute).reshape(use.shape)

    offset = anywhere(terms.offset, absolute=True)
    for known in (offset, *(anywhere(terms.rates[power]) for power in terms.powers)):
        # where the bound is infinite, or a lower one 0, it says nothing
        use &= ~(np.isposinf(known) if bound.kind == "upper" else np.isneginf(known))
    slopes = {**terms.log_constants, **terms.rates}
    coefficients = {str(s): at_points(slope, values, use) for s, slope in slopes.items()}
    return excess[use] - offset[use], coefficients, np.nonzero(use)[0]


def tightest(
    points: LogPoints,
    *,
    upper: bool,
    highest: float | None = None,
    fixed: Mapping[str, float] | None = None,
) -> Array:
    """(K,) the constants of the tightest bound: logarithms of factors, then rates and powers.

    Args:
        points: to be covered.
        upper: whether from above.
        highest: the largest logarithm of a factor where that leaves a bound; None for no limit.
        fixed: rates and powers that keep a value.

    Raises:
        NotFittableError: no constants bound every point, or the data leave them open.
    """
    sign = 1.0 if upper else -1.0
    scale = np.abs(points.matrix).max(axis=0)
    kept = fixed or {}
    rates = [
        (kept[name] * size,) * 2 if name in kept else (0.0, None)
        for name, size in zip(points.names, scale, strict=True)
    ][points.factors :]
    for cap in dict.fromkeys((highest, None)):
        highs = [None if cap is None else cap * size for size in scale[: points.factors]]
        solution = linprog(
            sign * (points.weight[:, None] * points.matrix / scale).sum(axis=0),
            A_ub=-sign * points.matrix / scale,
            b_ub=-sign * points.target,
            bounds=[*((None, high) for high in highs), *rates],
            method="highs",
        )
        if solution.success:
            with np.errstate(over="ignore"):
                constants: Array = solution.x / scale
            if not np.isfinite(constants).all():
                raise NotFittableError("a constant is beyond 1e308; measure in other units")
            return constants
    why = {2: "no constants bound every calibration point", 3: "the data leave them open"}
    raise NotFittableError(why.get(solution.status, "no constants were found"))


def factor(log: float) -> float:
    """A factor from its logarithm; inf beyond the range of float64."""
    with np.errstate(over="ignore", under="ignore"):
        return float(np.exp(log))
