"""Fit the constants of a theorem on calibration cells, jointly over all their runs.

Stage bounds of the form floor + C·exp(-k·x) are fitted by one linear programme in log C and
k: the tightest envelope above every calibration point, in relative log distance, with C at
most the trivial value. Bounds linear in one constant take the least constant that covers all
calibration points. Every constant is then widened by the slack fixed in `constants`.

An envelope's constant is the worst run's. What can be said of a typical one are limits of the
constant that 95% of runs obey, from the least constant of each run, by order statistics.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog, nnls

from ..theory import Bound, EnvelopeTerms, StageTime, TheoryError, evaluate
from .constants import SLACK_C, SLACK_K, Constants, Fitted
from .envelope import log_excess_error, run_values, stage_number, stage_of_named
from .order_statistics import quantile_limits
from .study import CellResult, Role, Study

Array = NDArray[np.float64]

#: Points whose log-excess lies below this are not fitted (they are judged all the same).
LOG_EXCESS_FLOOR = -1e5
#: Calibration runs below which nothing is fitted.
MIN_RUNS = 8
#: Runs that are to obey a constant, and the chance that either limit of it misses.
OBEYING, MISS = 0.95, 0.05


def fit_constants(study: Study) -> Study:
    """The study with its constants fitted on its calibration stage cells.

    A constant that cannot be fitted is listed in ``constants.failures`` with the reason; the
    claims that need it become INCONCLUSIVE.
    """
    cells = list(study.select(Role.CALIBRATION, "stage"))
    fitted: dict[str, Fitted] = {}
    failures: dict[str, str] = {}
    errors = [bound for bound in study.theorem.bounds if bound.quantity == "test_error"]
    _merge(fitted, failures, errors, lambda: _fit_envelope(study, cells, errors))
    for bound in study.theorem.bounds:
        if bound.quantity == "test_loss" and bound.constants:
            _merge(fitted, failures, [bound], partial(_fit_linear, study, cells, bound))
    for time in study.theorem.times:
        _merge(fitted, failures, [time], partial(_fit_time, cells, time))
    return replace(study, constants=Constants(fitted, failures))


class NotFittableError(Exception):
    """The calibration data do not determine the constants; the message says why."""


def _merge(
    fitted: dict[str, Fitted],
    failures: dict[str, str],
    parts: Sequence[Bound | StageTime],
    fit: Callable[[], dict[str, Fitted]],
) -> None:
    """Add what could be fitted, or why these bounds or times could not."""
    try:
        fitted |= fit()
    except (NotFittableError, TheoryError) as error:
        failures |= {part.name: str(error) for part in parts}


def _fit_envelope(
    study: Study, cells: Sequence[CellResult], bounds: Sequence[Bound]
) -> dict[str, Fitted]:
    continuous = [study.theorem.continuous(bound) for bound in bounds]
    terms = {bound.name: bound.envelope_terms() for bound in continuous}
    log_names = sorted({str(s) for one in terms.values() for s in one.log_constants})
    rate_names = sorted({str(s) for one in terms.values() for s in one.rates})
    names = log_names + rate_names
    rows: list[Array] = []
    targets: list[Array] = []
    weights: list[Array] = []
    owners: list[NDArray[np.int64]] = []
    runs = 0
    for result in cells:
        first = runs
        runs += int(result.ok.sum())
        for bound in continuous:
            target, coefficients, owner = _stage_rows(study, result, bound, terms[bound.name])
            if target.size == 0:
                continue
            zero = np.zeros(target.size)
            rows.append(np.column_stack([coefficients.get(name, zero) for name in names]))
            targets.append(target)
            owners.append(first + owner)
            relative = 1.0 / (1.0 + np.abs(target))
            weights.append(relative / len(relative))
    if runs < MIN_RUNS or not rows:
        raise NotFittableError(f"{runs} calibration runs reached a stage; {MIN_RUNS} are needed")
    matrix, target, weight = np.vstack(rows), np.concatenate(targets), np.concatenate(weights)
    for column, name in enumerate(names):
        if not np.any(matrix[:, column]):
            raise NotFittableError(f"no calibration run has points that {name} depends on")
    # E = (1-2p)·P is at most 1-2p, so an envelope below the trivial value always exists.
    trivial = max(np.log1p(-2 * result.cell.problem.flip_prob) for result in cells)
    limits = [(None, trivial)] * len(log_names) + [(0.0, None)] * len(rate_names)
    scale = np.abs(matrix).max(axis=0)
    solution = linprog(
        (weight[:, None] * matrix / scale).sum(axis=0),
        A_ub=-matrix / scale,
        b_ub=-target,
        bounds=[(low, None if high is None else high * s)
                for (low, high), s in zip(limits, scale, strict=True)],
        method="highs",
    )  # fmt: skip
    if not solution.success:
        raise NotFittableError(f"the linear programme has no solution: {solution.message}")
    best = dict(zip(names, solution.x / scale, strict=True))
    room = matrix @ (solution.x / scale) - target
    limits_of = {
        name: _limits(
            _by_run(best[name] - room[on] / matrix[on, column], np.concatenate(owners)[on],
                    np.maximum if name in log_names else np.minimum),
            upper=name in log_names,
        )
        for column, name in enumerate(names)
        for on in [matrix[:, column] > 0 if name in log_names else matrix[:, column] < 0]
    }  # fmt: skip
    uses = {
        name: tuple(b.name for b in continuous if name in {str(s) for s in b.constants})
        for name in names
    }
    return {
        name: Fitted(
            name=name,
            value=float(np.exp(best[name]) if name in log_names else best[name]),
            widened=float(
                np.exp(best[name]) * SLACK_C if name in log_names else best[name] * SLACK_K
            ),
            bounds=uses[name],
            runs=runs,
            points=len(target),
            limits=_exp(limits_of[name]) if name in log_names else limits_of[name],
        )
        for name in names
    }


def _by_run(values: Array, owner: NDArray[np.int64], worst: np.ufunc) -> Array:
    """The worst value of each run that has one."""
    runs = np.unique(owner)
    return np.array([worst.reduce(values[owner == run]) for run in runs])


def _limits(least: Array, *, upper: bool) -> tuple[float, float]:
    """Limits of the constant that `OBEYING` of all runs obey, from each run's own.

    Args:
        least: (R,) the constant each run needs.
        upper: whether a larger constant covers more runs.
    """
    if upper:
        return quantile_limits(least, OBEYING, MISS)
    low, high = quantile_limits(-least, OBEYING, MISS)
    return -high, -low


def _exp(ends: tuple[float, float]) -> tuple[float, float]:
    return float(np.exp(ends[0])), float(np.exp(ends[1]))


def _stage_rows(
    study: Study, result: CellResult, bound: Bound, terms: EnvelopeTerms
) -> tuple[Array, dict[str, Array], NDArray[np.int64]]:
    """At a stage's points log(excess) less the offset, each constant's coefficient, whose run."""
    values = run_values(result)
    excess = log_excess_error(result)
    stage = stage_of_named(study.theorem, bound.name)
    use = stage_number(study, result) == stage.number
    use &= np.isfinite(excess) & (excess >= LOG_EXCESS_FLOOR) & result.ok[:, None]

    def at_points(expr: object) -> Array:
        known = {str(symbol) for symbol in getattr(expr, "free_symbols", ())}
        given = {name: value for name, value in values.items() if name in known}
        full = np.broadcast_to(np.asarray(evaluate(expr, given)), use.shape)
        picked: Array = full[use]
        return picked

    coefficients = {str(s): at_points(power) for s, power in terms.log_constants.items()}
    coefficients |= {str(s): at_points(rate) for s, rate in terms.rates.items()}
    return excess[use] - at_points(terms.offset), coefficients, np.nonzero(use)[0]


def _fit_linear(study: Study, cells: Sequence[CellResult], bound: Bound) -> dict[str, Fitted]:
    """The least C for which floor + C·x covers every calibration point of its stage."""
    if len(bound.constants) != 1 or bound.excess.diff(bound.constants[0], 2) != 0:
        raise NotFittableError("bounds on test_loss must be linear in one constant")
    constant = bound.constants[0]
    name = str(constant)
    stage = stage_of_named(study.theorem, bound.name)
    factor = bound.excess.diff(constant)
    needed = {str(symbol) for symbol in factor.free_symbols}
    ratios: list[Array] = []
    least: list[Array] = []
    runs = 0
    for result in cells:
        use = (stage_number(study, result) == stage.number) & result.ok[:, None]
        values = {k: v for k, v in run_values(result).items() if k in needed}
        x = np.broadcast_to(np.asarray(evaluate(factor, values)), use.shape)[use]
        above = result.trajectory[bound.quantity][use] - float(evaluate(bound.floor, {}))
        good = np.isfinite(above) & (x > 0)
        ratios.append(above[good] / x[good])
        least.append(_by_run(ratios[-1], np.nonzero(use)[0][good], np.maximum))
        runs += int(use.any(axis=1).sum())
    points = np.concatenate(ratios) if ratios else np.empty(0)
    if runs < MIN_RUNS or points.size == 0:
        raise NotFittableError(f"{runs} calibration runs reached the stage; {MIN_RUNS} are needed")
    value = max(float(points.max()), 0.0)
    low, high = _limits(np.concatenate(least), upper=True)
    limits = (max(low, 0.0), max(high, 0.0))
    return {
        name: Fitted(
            name, value, value * SLACK_C, (bound.name,), runs, points.size, limits=limits
        )
    }  # fmt: skip


def _fit_time(cells: Sequence[CellResult], time: StageTime) -> dict[str, Fitted]:
    """Constants of a stage time over calibration runs.

    One constant: the least that covers every run, an envelope like any other. Several: least
    squares in relative error, each non-negative.
    """
    terms = time.terms()
    rows: list[Array] = []
    runs = 0
    for result in cells:
        reached = result.events[time.event][result.ok]
        runs += reached.size
        reached = reached[reached > 0]
        known = {str(symbol) for term in terms.values() for symbol in term.free_symbols}
        given = {name: value for name, value in result.values.items() if name in known}
        scales = [float(evaluate(term, given)) for term in terms.values()]
        rows.extend(np.array(scales) / step for step in reached)
    if len(rows) < MIN_RUNS:
        raise NotFittableError(f"{len(rows)} calibration runs reached {time.event}; {MIN_RUNS} "
                               "are needed")  # fmt: skip
    matrix = np.array(rows)
    solution = nnls(matrix, np.ones(len(matrix)))[0]
    limits = None
    if len(terms) == 1:
        solution = np.array([1.0 / matrix.min()])
        limits = _limits(1.0 / matrix[:, 0], upper=True)
    missed = runs - len(rows)
    note = f"{missed} of {runs} runs had {time.event} at step 0 or not at all" if missed else ""
    return {
        f"{symbol} of {time.name}": Fitted(
            f"{symbol} of {time.name}", float(value), float(value * SLACK_C), (time.name,),
            len(rows), len(rows), note, limits,
        )
        for symbol, value in zip(terms, solution, strict=True)
    }  # fmt: skip
