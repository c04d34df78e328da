"""Fit the constants of a theorem on calibration cells, jointly over all their runs.

Stage bounds of the form floor + C·exp(-k·x) are fitted by one linear programme in log C and
k: the tightest envelope above every calibration point, in relative log distance, with C at
most the trivial value. Bounds linear in one constant take the least constant that covers all
calibration points. Every constant is then widened by the slack.

An envelope's constant is the worst run's. What can be said of a typical one are limits of the
constant that 95% of runs obey, from the least constant of each run, by order statistics.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog, nnls

from ...theory import Bound, EnvelopeTerms, StageTime, Theorem, TheoryError, evaluate
from ...theory.evaluation.numbers import log_expression
from ..cells import CellResult, Role, Study
from ..constants import Constants, Fitted
from ..errors import CompareError
from ..statistics.order_statistics import quantile_limits
from ..thresholds import (
    FIT_MIN_RUNS,
    LOG_EXCESS_FLOOR,
    NO_RATE_CHANGE,
    OBEYING_LIMIT_MISS,
    OBEYING_SHARE,
    SLACK_C,
    SLACK_K,
)
from .bounds import (
    log_excess,
    run_values,
    speaks_of,
    stage_ends,
    stage_number,
    stage_of_named,
)
from .form import near_part

Array = NDArray[np.float64]


def fit_constants(study: Study) -> Study:
    """The study with its constants fitted on its calibration stage cells.

    A constant that cannot be fitted is listed in ``constants.failures`` with the reason; the
    claims that need it become INCONCLUSIVE.

    Args:
        study: trained cells, or other runs, with their events.

    Returns:
        The same study with ``constants``; nothing else is changed.

    Example:
        >>> from bofcheck.compare.calibration import BenignTruth, synthetic_study
        >>> truth = BenignTruth(C2=0.01, k2=30.0)
        >>> study = synthetic_study(np.random.default_rng(0), 0.0, truth)
        >>> constants = fit_constants(study).constants
        >>> round(constants["C2"].value, 6), round(constants["k2"].value, 6)
        (0.01, 30.0)
        >>> round(constants["C2"].widened, 6), round(constants["k2"].widened, 6)
        (0.02, 15.0)
    """
    cells = list(study.select(Role.CALIBRATION, "stage"))
    fitted: dict[str, Fitted] = {}
    failures: dict[str, str] = {}
    for bounds in _fitted_together(study.theorem.bounds):
        fit = _fit_linear if _is_linear(bounds) else _fit_envelope
        _merge(fitted, failures, bounds, partial(fit, study, cells, bounds))
    for time in (law for law in study.theorem.times if law.constants):
        _merge(fitted, failures, [time], partial(_fit_time, cells, time))
    return replace(study, constants=Constants(fitted, failures))


def fit_bound(study: Study, name: str) -> Study:
    """The study with the constants of one bound, and of those fitted with it, fitted again.

    The other constants stay. For a theorem with another formula of that bound.

    Args:
        study: whose theorem's bound is fitted.
        name: the bound.
    """
    cells = list(study.select(Role.CALIBRATION, "stage"))
    fitted, failures = dict(study.constants.fitted), dict(study.constants.failures)
    for bounds in _fitted_together(study.theorem.bounds):
        if name in {bound.name for bound in bounds}:
            fit = _fit_linear if _is_linear(bounds) else _fit_envelope
            for constant in (str(c) for bound in bounds for c in bound.constants):
                fitted.pop(constant, None)
            _merge(fitted, failures, bounds, partial(fit, study, cells, bounds))
    return replace(study, constants=Constants(fitted, failures))


def check_fittable(theorem: Theorem) -> None:
    """Refuse bounds whose form no fit here knows, before any data are looked at.

    Raises:
        CompareError: naming the bound, and why.

    >>> from bofcheck.theory import benign
    >>> check_fittable(benign)
    """
    for bounds in _fitted_together(theorem.bounds):
        if _is_linear(bounds):
            continue
        for bound in bounds:
            try:
                theorem.continuous(bound).envelope_terms()
            except TheoryError as error:
                raise CompareError(
                    f"{theorem.name}: {bound.name} cannot be fitted: {error}; write excess = "
                    "C*exp(-k*x), or fix constants by numbers"
                ) from None


def _fitted_together(bounds: Sequence[Bound]) -> list[list[Bound]]:
    """Bounds of one kind on one quantity that leave constants open, test_error first."""

    def what(bound: Bound) -> tuple[bool, str, str]:
        return bound.quantity != "test_error", bound.quantity, bound.kind

    unfitted = sorted((bound for bound in bounds if bound.constants), key=what)
    return [list(group) for _, group in groupby(unfitted, key=what)]


def _is_linear(bounds: Sequence[Bound]) -> bool:
    """Whether it is one bound, not on test_error, linear in one constant."""
    first, *more = bounds
    if more or first.quantity == "test_error" or len(first.constants) != 1:
        return False
    constant = first.constants[0]
    linear = first.excess.diff(constant, 2) == 0 and first.excess.subs(constant, 0) == 0
    return bool(linear) and constant not in first.floor.free_symbols


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


def _check_measured(cells: Sequence[CellResult], bounds: Sequence[Bound]) -> None:
    """Raise unless every calibration cell has what is bounded and what the formulas hold."""
    for quantity in dict.fromkeys(name for b in bounds for name in (b.quantity, *b.logged)):
        without = [r.cell.name for r in cells if quantity not in r.trajectory.quantities]
        if without:
            raise NotFittableError(f"the curves of {without[0]} have no {quantity}")


def _fit_envelope(
    study: Study, cells: Sequence[CellResult], bounds: Sequence[Bound]
) -> dict[str, Fitted]:
    upper = bounds[0].kind == "upper"
    sign = 1.0 if upper else -1.0
    continuous = [study.theorem.continuous(bound) for bound in bounds]
    terms = {bound.name: bound.envelope_terms() for bound in continuous}
    log_names = sorted({str(s) for part in terms.values() for s in part.log_constants})
    rate_names = sorted({str(s) for part in terms.values() for s in part.rates})
    names = log_names + rate_names
    rows: list[Array] = []
    targets: list[Array] = []
    weights: list[Array] = []
    owners: list[NDArray[np.int64]] = []
    runs = 0
    _check_measured(cells, bounds)
    for result in cells:
        first = runs
        runs += int(result.good.sum()) if any(speaks_of(b, result) for b in continuous) else 0
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
    if runs < FIT_MIN_RUNS:
        raise NotFittableError(
            f"{runs} calibration runs reached a stage; {FIT_MIN_RUNS} are needed"
        )
    if not rows:
        raise NotFittableError(_nothing_to_fit(study, cells, continuous, runs))
    matrix, target, weight = np.vstack(rows), np.concatenate(targets), np.concatenate(weights)
    if not (np.isfinite(matrix).all() and np.isfinite(target).all()):
        raise NotFittableError("the formula is not a number at some calibration point")
    for column, name in enumerate(names):
        if not np.any(matrix[:, column]):
            raise NotFittableError(f"no calibration run has points that {name} depends on")
    trivial = None
    if upper and bounds[0].quantity == "test_error" and str(bounds[0].floor) == "p":
        # E = (1-2p)·P is at most 1-2p, so an envelope C·exp(-k·x) below the trivial value exists
        trivial = max(np.log1p(-2 * result.values["p"]) for result in cells)
    fitted = _envelope(sign, matrix, target, weight, len(log_names), trivial)
    # a rate that moves the bound nowhere is 0, whatever the programme's rounding
    moves = np.abs(matrix).max(axis=0) * fitted
    fitted = np.where(
        (np.arange(len(names)) >= len(log_names)) & (moves < NO_RATE_CHANGE), 0.0, fitted
    )
    best = dict(zip(names, fitted, strict=True))
    # a constant is widened, and its limits are taken, towards the weaker bound
    raises = {name: _raises(matrix[:, column], name) for column, name in enumerate(names)}
    weaker_up = {name: raises[name] == upper for name in names}
    slack = {
        name: (SLACK_C if name in log_names else 1 / SLACK_K) ** (1 if weaker_up[name] else -1)
        for name in names
    }
    room = matrix @ fitted - target
    limits_of = {
        name: _limits(
            _by_run(best[name] - room[on] / matrix[on, column], np.concatenate(owners)[on],
                    np.maximum if weaker_up[name] else np.minimum),
            upper=weaker_up[name],
        )
        for column, name in enumerate(names)
        for on in [_speaking(matrix, column, raises[name])]
    }  # fmt: skip
    uses = {
        name: tuple(b.name for b in continuous if name in {str(s) for s in b.constants})
        for name in names
    }
    values = {name: _power(x) if name in log_names else float(x) for name, x in best.items()}
    return {
        name: Fitted(
            name=name,
            value=values[name],
            widened=values[name] * slack[name],
            bounds=uses[name],
            runs=runs,
            points=len(target),
            limits=_exp(limits_of[name]) if name in log_names else limits_of[name],
        )
        for name in names
    }


def _nothing_to_fit(
    study: Study, cells: Sequence[CellResult], bounds: Sequence[Bound], runs: int
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


def _envelope(
    sign: float, matrix: Array, target: Array, weight: Array, logs: int, trivial: float | None
) -> Array:
    """(K,) the constants of the tightest envelope.

    Args:
        sign: 1 for an upper bound, -1 for a lower bound.
        matrix: (n, K) coefficient of each constant at each point; logarithms first, then rates.
        target: (n,) what the envelope must reach.
        weight: (n,) of the points' distances.
        logs: how many logarithms of constants there are.
        trivial: the largest of them where that leaves an envelope, as it does unless a formula
            decays without a constant; None for no such limit.
    """
    scale = np.abs(matrix).max(axis=0)
    for cap in dict.fromkeys((trivial, None)):
        highs = [None if cap is None else cap * s for s in scale[:logs]]
        solution = linprog(
            sign * (weight[:, None] * matrix / scale).sum(axis=0),
            A_ub=-sign * matrix / scale,
            b_ub=-sign * target,
            bounds=[*((None, high) for high in highs), *[(0.0, None)] * (matrix.shape[1] - logs)],
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


def _raises(coefficients: Array, name: str) -> bool:
    """Whether a larger constant makes the bound larger, at every point or at none."""
    if (coefficients > 0).any() and (coefficients < 0).any():
        raise NotFittableError(f"{name} raises the bound at some points and lowers it at others")
    return bool((coefficients > 0).any())


def _speaking(matrix: Array, column: int, raises: bool) -> NDArray[np.bool_]:
    """The points that say what one constant must be: the points it is alone in, if there are any.

    Elsewhere the envelope trades constants against each other, and a run's share of one depends
    on what the worst run did to the others.
    """
    speaks = matrix[:, column] > 0 if raises else matrix[:, column] < 0
    alone = speaks & ~np.delete(matrix, column, axis=1).any(axis=1)
    out: NDArray[np.bool_] = alone if alone.any() else speaks
    return out


def _by_run(values: Array, owner: NDArray[np.int64], worst: np.ufunc) -> Array:
    """The worst value of each run that has a value."""
    order = np.argsort(owner, kind="stable")
    first = np.flatnonzero(np.diff(owner[order], prepend=-1))
    return np.asarray(worst.reduceat(values[order], first) if len(first) else np.empty(0))


def _limits(least: Array, *, upper: bool) -> tuple[float, float]:
    """Limits of the constant that `OBEYING_SHARE` of all runs obey, from each run's own.

    Args:
        least: (R,) the constant each run needs.
        upper: whether a larger constant covers more runs.
    """
    if upper:
        return quantile_limits(least, OBEYING_SHARE, OBEYING_LIMIT_MISS)
    low, high = quantile_limits(-least, OBEYING_SHARE, OBEYING_LIMIT_MISS)
    return -high, -low


def _exp(ends: tuple[float, float]) -> tuple[float, float]:
    return _power(ends[0]), _power(ends[1])


def _power(log: float) -> float:
    """A constant from its logarithm; inf beyond the range of float64."""
    with np.errstate(over="ignore", under="ignore"):
        return float(np.exp(log))


def _stage_rows(
    study: Study, result: CellResult, bound: Bound, terms: EnvelopeTerms
) -> tuple[Array, dict[str, Array], NDArray[np.int64]]:
    """At a stage's points log(excess) less the offset, each constant's coefficient, whose run."""
    values = run_values(result, stage_ends(study.theorem))
    excess = log_excess(study, result, bound)
    if not speaks_of(bound, result):
        excess = np.full_like(excess, np.nan)
    use = near_part(study, result, bound.name)
    use &= np.isfinite(excess) & (excess >= LOG_EXCESS_FLOOR) & result.good[:, None]
    known = {str(symbol) for symbol in terms.offset.free_symbols}
    given = {name: value for name, value in values.items() if name in known}
    offset = evaluate(terms.offset, given, absolute=True)
    offset = np.broadcast_to(np.asarray(offset), use.shape)
    use &= ~(np.isposinf(offset) if bound.kind == "upper" else np.isneginf(offset))  # says nothing

    def at_points(expr: object) -> Array:
        known = {str(symbol) for symbol in getattr(expr, "free_symbols", ())}
        given = {name: value for name, value in values.items() if name in known}
        full = np.broadcast_to(np.asarray(evaluate(expr, given)), use.shape)
        picked: Array = full[use]
        return picked

    coefficients = {str(s): at_points(power) for s, power in terms.log_constants.items()}
    coefficients |= {str(s): at_points(rate) for s, rate in terms.rates.items()}
    return excess[use] - offset[use], coefficients, np.nonzero(use)[0]


def _fit_linear(
    study: Study, cells: Sequence[CellResult], bounds: Sequence[Bound]
) -> dict[str, Fitted]:
    """The C nearest to the data for which floor + C·x bounds every calibration point."""
    bound = bounds[0]
    upper = bound.kind == "upper"
    _check_measured(cells, bounds)
    constant = bound.constants[0]
    name = str(constant)
    factor = bound.excess.diff(constant)
    needed = {str(symbol) for symbol in factor.free_symbols}
    ratios: list[Array] = []
    least: list[Array] = []
    runs = 0
    for result in cells:
        if not speaks_of(bound, result):
            continue
        use = near_part(study, result, bound.name) & result.good[:, None]
        known = run_values(result, stage_ends(study.theorem))
        values = {k: v for k, v in known.items() if k in needed}
        x = np.broadcast_to(np.asarray(evaluate(factor, values)), use.shape)[use]
        names = {str(symbol) for symbol in bound.floor.free_symbols}
        floor = evaluate(bound.floor, {k: v for k, v in known.items() if k in names})
        measured = result.trajectory[bound.quantity]
        above = measured[use] - np.broadcast_to(np.asarray(floor), use.shape)[use]
        if np.any(np.isnan(x) & np.isfinite(above)):
            raise NotFittableError("the formula is not a number at some calibration point")
        if np.any((x < 0) & np.isfinite(above)):
            raise NotFittableError("the excess is negative at some calibration point")
        log_x = evaluate(log_expression(factor), values, absolute=True, of=factor)
        log_x = np.broadcast_to(np.asarray(log_x), use.shape)[use]
        good = np.isfinite(above) & np.isfinite(log_x)
        ratios.append(_ratio(above[good], x[good], log_x[good]))
        worst = np.maximum if upper else np.minimum
        least.append(_by_run(ratios[-1], np.nonzero(use)[0][good], worst))
        runs += int(use.any(axis=1).sum())
    points = np.concatenate(ratios) if ratios else np.empty(0)
    if runs < FIT_MIN_RUNS:
        raise NotFittableError(
            f"{runs} calibration runs reached the stage; {FIT_MIN_RUNS} are needed"
        )
    if points.size == 0:
        raise NotFittableError(
            f"at no calibration point is there a {bound.quantity} beside an excess above 0"
        )
    value = max(float(points.max() if upper else points.min()), 0.0)
    low, high = _limits(np.concatenate(least), upper=upper)
    limits = (max(low, 0.0), max(high, 0.0))
    widened = value * (SLACK_C if upper else 1 / SLACK_C)
    return {
        name: Fitted(name, value, widened, (bound.name,), runs, points.size, limits=limits)
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


def _fit_time(cells: Sequence[CellResult], time: StageTime) -> dict[str, Fitted]:
    """Constants of a stage time over calibration runs.

    One constant: the least that covers every run, an envelope like any other; of a deadline, the
    latest step the log allows for the event. Several: least squares in relative error, each
    non-negative.
    """
    terms = time.terms()
    rows: list[Array] = []
    runs = 0
    for result in cells:
        if not speaks_of(time, result):
            continue
        when = result.events[time.event]
        if time.reading == "deadline" and len(terms) == 1:
            when = result.came(time.event)[1]
        reached = when[result.ok]
        runs += reached.size
        reached = reached[reached > 0]
        known = {str(symbol) for term in terms.values() for symbol in term.free_symbols}
        given = {name: value for name, value in result.values.items() if name in known}
        scales = [float(evaluate(term, given)) for term in terms.values()]
        rows.extend(np.array(scales) / step for step in reached)
    if len(rows) < FIT_MIN_RUNS:
        raise NotFittableError(f"{len(rows)} calibration runs reached {time.event}; {FIT_MIN_RUNS} "
                               "are needed")  # fmt: skip
    matrix = np.array(rows)
    if not (np.isfinite(matrix).all() and (matrix >= 0).all() and matrix.any(axis=1).all()):
        raise NotFittableError("the law is not a positive number in some calibration cell")
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
