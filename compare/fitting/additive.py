"""Several additive constants, C1·f + C2·g, beside a part that is known: C/t + b, say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from sympy import Expr, Integer, Symbol

from ...theory import Bound
from ..cells import CellResult, Study
from ..constants import Fitted
from ..thresholds import SLACK_C
from .bounds import log_excess, run_values, speaks_of, stage_ends
from .envelope import users
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

#: How the form is written in a theorem's file.
WRITTEN = "C1*f + C2*g"
#: Programmes that are solved one after the other at most, and the change that ends them.
_ROUNDS, _SETTLED = 20, 1e-9
#: Logarithm of a ratio from which a term is only known to be large beside the data.
_LARGE = 25.0


@dataclass(frozen=True)
class _Rows:
    """Points of one bound in one cell.

    Attributes:
        logs: (n, K) log of what each constant multiplies, over the excess measured.
        rest: (n,) the share of the excess that the known part leaves to the constants.
    """

    logs: Array
    rest: Array


def why_not(bounds: Sequence[Bound]) -> str:
    """Why bounds are not of this form; empty if they are."""
    for bound in bounds:
        slopes = {c: bound.excess.diff(c).free_symbols for c in bound.constants}
        curved = sorted(str(c) for c, names in slopes.items() if c in names)
        if curved:
            return f"the excess is not linear in {', '.join(curved)}"
        mixed = sorted(str(c) for c, names in slopes.items() if names & slopes.keys())
        if mixed:
            return f"the excess multiplies {' by '.join(mixed)}"
    return ""


def fit(study: Study, cells: Sequence[CellResult], bounds: Sequence[Bound]) -> dict[str, Fitted]:
    """The constants, none negative, of the tightest bound that covers every calibration point.

    Closest is the least room in logarithms. Above the data each of a few programmes measures the
    room relative to the bound that the one before found, below the data relative to the data.
    """
    upper = bounds[0].kind == "upper"
    check_measured(cells, bounds)
    names = sorted({str(constant) for bound in bounds for constant in bound.constants})
    parts: list[_Rows] = []
    runs = 0
    for result in cells:
        for bound in bounds:
            if not speaks_of(bound, result):
                continue
            rows, reached = _rows(study, result, bound, names)
            runs += reached
            if len(rows.rest):
                parts.append(rows)
    check_runs(runs, "the stage")
    if not parts:
        raise NotFittableError(nothing_to_fit(study, cells, bounds, runs))
    logs = np.vstack([part.logs for part in parts])
    rest = np.concatenate([part.rest for part in parts])
    weight = np.concatenate([np.full(len(part.rest), 1 / len(part.rest)) for part in parts])
    for column, name in enumerate(names):
        if not (logs[:, column] > -np.inf).any():
            raise NotFittableError(f"no calibration run has points that {name} depends on")
    constants = (_from_above if upper else _from_below)(logs, rest, weight)
    slack = SLACK_C if upper else 1 / SLACK_C
    return {
        name: Fitted(name, value, value * slack, users(name, bounds), runs, len(rest))
        for name, value in zip(names, constants.tolist(), strict=True)
    }


def _rows(
    study: Study, result: CellResult, bound: Bound, names: Sequence[str]
) -> tuple[_Rows, int]:
    """The points of one bound in one cell, and how many runs reached its stage."""
    upper = bound.kind == "upper"
    use = fitted_part(study, result, bound.name) & result.good[:, None]
    values = run_values(result, stage_ends(study.theorem))
    excess = log_excess(study, result, bound)[use]
    terms = {str(c): bound.excess.diff(c) for c in bound.constants}
    logs = np.full((len(excess), len(names)), -np.inf)
    for column, name in enumerate(names):
        if name in terms:
            logs[:, column] = _log_of(terms[name], name, values, use, ~np.isnan(excess))
    known = at_points(_without(bound), values, use)
    if np.any(np.isnan(known) & ~np.isnan(excess)):
        raise NotFittableError("the formula is not a number at some calibration point")
    # where the bound is infinite it says nothing, and where nothing is left it is not exceeded
    good = ~np.isnan(excess) & ~np.isposinf(logs).any(axis=1) & np.isfinite(known)
    good &= np.isfinite(excess) | (not upper)
    excess, logs, known = excess[good], logs[good], known[good]
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        logs = np.where(np.isneginf(logs), -np.inf, logs - excess[:, None])
        rest = 1 - np.where(known == 0, 0.0, known * np.exp(-excess))
    wanting = rest > 0 if upper else np.ones(len(rest), dtype=bool)
    return _Rows(logs[wanting], rest[wanting]), runs_of(result, use)


def _log_of(
    term: Expr,
    name: str,
    values: dict[str, Array | float],
    use: NDArray[np.bool_],
    measured: NDArray[np.bool_],
) -> Array:
    """(n,) logarithm of what a constant multiplies, at the points of a cell."""
    plain = at_points(term, values, use)
    if np.any(np.isnan(plain) & measured):
        raise NotFittableError("the formula is not a number at some calibration point")
    if np.any((plain < 0) & measured):
        raise NotFittableError(f"what {name} multiplies is negative at some calibration point")
    return at_points(term, values, use, log=True)


def _without(bound: Bound) -> Expr:
    """The part of the excess that is known."""
    zeros: dict[Symbol, Expr] = dict.fromkeys(bound.constants, Integer(0))
    return bound.excess.xreplace(zeros)


def _from_above(logs: Array, rest: Array, weight: Array) -> Array:
    """(K,) the constants with which the sum of the terms is at least the rest at every point."""
    # a constant is about 1 in units of what it must be where its term is the largest
    below = logs.max(axis=1, keepdims=True) - logs
    near = below <= below.min(axis=0) + 1
    scale = np.where(near, logs, np.inf).min(axis=0)
    table = np.exp(np.minimum(logs - scale, _LARGE))
    found = np.ones(len(scale))
    for _ in range(_ROUNDS):
        before, costs = found, weight / (table @ found + 1 - rest)
        found = _solved(costs @ table, -table, -rest)
        # a solver covers every point up to its tolerance
        found = found * float((rest / (table @ found)).max())
        if np.allclose(found, before, rtol=_SETTLED, atol=0.0):
            break
    return _unscaled(found, scale)


def _from_below(logs: Array, rest: Array, weight: Array) -> Array:
    """(K,) the constants with which the sum of the terms is at most the rest at every point."""
    if (rest < 0).any():
        raise NotFittableError("the part without constants alone exceeds a calibration point")
    none = np.isposinf(logs).any(axis=0)  # nothing is left above the floor
    scale = np.where(none, 0.0, logs.max(axis=0))
    table = np.exp(np.where(none, -np.inf, logs - scale))
    found = _solved(-(weight @ table), table, rest, np.where(none, 0.0, np.inf))
    reached = table @ found
    over = reached > rest
    return _unscaled(found * float((rest[over] / reached[over]).min(initial=1.0)), scale)


def _unscaled(found: Array, scale: Array) -> Array:
    with np.errstate(over="ignore", under="ignore"):
        constants: Array = np.where(found > 0, found * np.exp(-scale), 0.0)
    if not np.isfinite(constants).all():
        raise NotFittableError("a constant is beyond 1e308; measure in other units")
    return constants


def _solved(costs: Array, table: Array, limits: Array, most: Array | None = None) -> Array:
    highs = np.full(len(costs), np.inf) if most is None else most
    solution = linprog(
        costs, A_ub=table, b_ub=limits, bounds=[(0.0, high) for high in highs], method="highs"
    )
    if not solution.success:
        why = {2: "no constants bound every calibration point", 3: "the data leave them open"}
        raise NotFittableError(why.get(solution.status, "no constants were found"))
    found: Array = np.maximum(solution.x, 0.0)
    return found
