"""`StageBound`: does a stage bound hold on held-out cells, at every logged step of its stage?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...theory import Bound, NotAnEnvelopeError
from ..cells import CellResult, Role, Study
from ..claim import Claim
from ..events import steps_by_run
from ..fitting.bounds import (
    NEVER,
    bound_along,
    judged_in_log,
    log_excess_error,
    measures,
    speaks_of,
    stage_number,
    stage_of_named,
)
from ..thresholds import RISES_FROM, TRIVIAL_SHARE_OF_STAGE
from ..verdict import Status, Verdict
from .bound_shape import BoundShape, discriminating
from .log_limits import long_unseen, timings, watched_to_the_end
from .violation_rate import Outcome, ViolationRate

Array = NDArray[np.float64]


@dataclass(frozen=True)
class StageBound:
    """The bound that bears the claim's id is judged run by run, with widened constants.

    Bounds on test_error are compared in log space, log(excess) against its bound, so that an
    excess of e^-1000 is still tested; the others are compared as they are. A run's margin is its
    worst point within the stage. A run that was not watched to the end of the stage can violate and
    cannot hold; where the log says of an event only that it came between two steps far apart, a run
    violates or holds if it does for every time between; measured runs violate only so, even between
    close steps. Tightness is the median over runs of the
    smallest distance to the bound in the stage (log units for test_error, nats of loss otherwise).

    Attributes:
        against_largest: whether a bound above the run's own largest value over more than half of
            the stage says nothing; for a bound of growth `GrowthBound` decides that.
    """

    against_largest: bool = True

    RULES = (ViolationRate, BoundShape)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the held-out stage cells the bound speaks of."""
        verdict = self.of_runs(claim, study)
        return discriminating(verdict, claim, study, self.of_runs)

    def of_runs(self, claim: Claim, study: Study) -> Verdict:
        """The verdict as far as held-out runs decide it, whatever the bound's shape."""
        if (verdict := cannot_judge(claim, study)) is not None:
            return verdict
        bound = study.theorem.bound(claim.id)
        constants = [str(constant) for constant in study.theorem.continuous(bound).constants]
        outcomes = [
            _outcome(study, result, claim.id, self.against_largest)
            for result in study.select(Role.HELD_OUT, "stage")
            if speaks_of(bound, result)
        ]
        margins = [outcome.margins for outcome in outcomes]
        decided = np.concatenate(margins) if margins else np.empty(0)
        decided = decided[np.isfinite(decided)]
        tightness = float(-np.median(decided)) if decided.size else None
        what = "exceed the bound" if bound.kind == "upper" else "fall below the bound"
        rate = ViolationRate(outcomes, what, tightness, bool(constants), bound.quantile)
        verdict = rate.decide(claim, study)
        unclear = [outcome for outcome in outcomes if np.isnan(outcome.margins).any()]
        said = _why_unclear(study, unclear, bound)
        if flat := flat_rates(study, bound):
            said += (f"fitted as 0: {', '.join(flat)}, so the bound does not decay",)
            if verdict.status is Status.HOLDS and bound.kind == "upper":
                verdict = replace(verdict, status=Status.VACUOUS)
        elif verdict.status is Status.VACUOUS:
            said += _howtrivial_runs(study, bound, constants)
        if said:
            verdict = replace(verdict, reason="; ".join((verdict.reason, *said)))
        if verdict.status is Status.VACUOUS and bound.kind == "upper":
            return _after_slack(verdict, study, bound.name)
        return verdict


def cannot_judge(claim: Claim, study: Study) -> Verdict | None:
    """The verdict where the curves lack the quantity or a constant has no value; None otherwise."""
    bound = study.theorem.bound(claim.id)
    results = list(study.results)
    if results and not any(measures(result, bound) for result in results):
        why = f"the curves have no {' and '.join((bound.quantity, *bound.logged))}"
        return claim.verdict(study, Status.INCONCLUSIVE, why)
    constants = [str(constant) for constant in study.theorem.continuous(bound).constants]
    missing = [name for name in constants if name not in study.constants]
    if not missing:
        return None
    why = study.constants.failures.get(bound.name, "it was not fitted")
    return claim.verdict(study, Status.INCONCLUSIVE, f"no value for {', '.join(missing)}: {why}")


def _after_slack(verdict: Verdict, study: Study, name: str) -> Verdict:
    """Say how many runs' bounds are trivial already before the slack widened the constants."""
    before = [
        trivial_runs(study, result, name, study.constants.values())
        for result in study.select(Role.HELD_OUT, "stage")
        if speaks_of(study.theorem.bound(name), result)
    ]
    known = [runs for runs in before if runs is not None]
    trivial = sum(int(runs.sum()) for runs in known)
    total = sum(runs.size for runs in known)
    return replace(
        verdict,
        reason=f"{verdict.reason}; with the constants before the slack in {trivial} of {total}",
        evidence={**verdict.evidence, "trivial_runs_before_slack": trivial},
    )


def bound_margin(study: Study, result: CellResult, name: str) -> Array:
    """(R, T) how far each point lies beyond the bound, NaN outside its stage."""
    bound = study.theorem.bound(name)
    constants = study.constants.widened()
    if judged_in_log(result, bound):
        limit = bound_along(study, result, bound, constants, log=True)
        error = log_excess_error(result)
        beyond = error - limit
        # an excess of exactly 0 has no logarithm: what float64 tells from the floor exceeds it
        floor = result.values["p"]
        above = np.where(floor + np.exp(error) > floor, np.inf, 0.0)
        beyond = np.where(np.isneginf(limit), above, beyond)
    else:
        limit = bound_along(study, result, bound, constants, log=False)
        beyond = result.trajectory[bound.quantity] - limit
    return beyond if bound.kind == "upper" else -beyond


def _outcome(study: Study, result: CellResult, name: str, against_largest: bool) -> Outcome:
    """Worst point of each run within the stage, whenever the stage's events came.

    NaN where the stage was never entered or not watched to its end, where the formula is not a
    number at a point that was measured, where events at other times between the logged steps
    would decide otherwise, or where no drawn token says anything about P: an unknown excess is not
    small.
    """
    bound = study.theorem.bound(name)
    if not measures(result, bound):
        return Outcome(result, np.full(len(result.trajectory.seeds), np.nan))
    worsts = np.stack([_worst(study, timing, bound) for timing in timings(result)])
    worst = np.where((worsts > 0).all(axis=0), worsts.min(axis=0), worsts.max(axis=0))
    worst[(worsts > 0).any(axis=0) & ~(worsts > 0).all(axis=0)] = np.nan
    beyond = worst > 0
    if beyond.any():
        worst[beyond & ~_surely_beyond(study, result, bound)] = np.nan
    excluded = result.ok & ~result.good
    trivial = trivial_runs(study, result, name, study.constants.widened(), against_largest)
    return Outcome(result, worst, trivial, excluded)


def _surely_beyond(study: Study, result: CellResult, bound: Bound) -> NDArray[np.bool_]:
    """(R,) runs that violate wherever between their logged steps the events came."""
    beyond = [_worst(study, timing, bound) > 0 for timing in timings(result, surely=True)]
    return np.asarray(np.all(beyond, axis=0))


def _worst(study: Study, result: CellResult, bound: Bound) -> Array:
    """(R,) worst point of each run at these times of the events."""
    margin = bound_margin(study, result, bound.name)
    entered = ~np.isnan(margin).all(axis=1)
    worst = np.full(len(margin), np.nan)
    worst[entered] = np.nanmax(margin[entered], axis=1)
    worst[~result.good] = np.nan
    worst[_no_number(study, result, bound.name, margin).any(axis=1)] = np.nan
    worst[(worst <= 0) & ~watched_to_the_end(study, result, bound)] = np.nan
    worst[(worst <= 0) & long_unseen(study, result, bound)] = np.nan
    if judged_in_log(result, bound):
        unknown = np.isneginf(log_excess_error(result)) & ~np.isnan(margin)
        worst[unknown.any(axis=1)] = np.nan
    return worst


def _why_unclear(study: Study, outcomes: Sequence[Outcome], bound: Bound) -> tuple[str, ...]:
    """Why runs cannot be decided, as far as the log is why."""
    said = []
    early, coarse, holes = 0, 0, 0
    for outcome in outcomes:
        result, unclear = outcome.result, np.isnan(outcome.margins) & outcome.result.good
        if not measures(result, bound):
            continue
        ended = unclear & ~watched_to_the_end(study, result, bound)
        early += int(ended.sum())
        hole = unclear & ~ended & long_unseen(study, result, bound)
        holes += int(hole.sum())
        if len(list(timings(result))) > 1:
            coarse += int((unclear & ~ended & ~hole).sum())
        else:
            coarse += int((unclear & (_worst(study, result, bound) > 0)).sum())
    end = str(stage_of_named(study.theorem, bound.name).end)
    if early and end == NEVER:
        said.append(f"{early} runs end before others of their cell; if on purpose, end the stage "
                    "with an event")  # fmt: skip
    elif early:
        said.append(f"{early} runs end before {end}")
    if holes:
        said.append(f"{holes} have no {bound.quantity} over a long stretch of the stage")
    if coarse:
        said.append(f"in {coarse} the log is too coarse about the stage's events")
    if nowhere := _where_no_number(study, [outcome.result for outcome in outcomes], bound.name):
        said.append(nowhere)
    return tuple(said)


def flat_rates(study: Study, bound: Bound) -> list[str]:
    """The rates and powers of its decay that are fitted as 0."""
    try:
        terms = study.theorem.continuous(bound).envelope_terms()
    except NotAnEnvelopeError:
        return []
    return [str(symbol) for symbol in terms.rates if study.constants[str(symbol)].value == 0]


def _howtrivial_runs(study: Study, bound: Bound, names: Sequence[str]) -> tuple[str, ...]:
    """What a trivial bound says, and the constants it rests on."""
    values = [f"{name} = {study.constants[name].widened:.3g}" for name in names]
    said = (f"with {', '.join(values)}",) if values else ()
    if bound.kind == "upper" and bound.quantity != "test_error":
        said = (f"over most of the stage it exceeds every {bound.quantity} of its run", *said)
    return said


def _measured_inside(study: Study, result: CellResult, name: str) -> NDArray[np.bool_]:
    """(R, T) points of the bound's stage at which its quantity is known."""
    stage = stage_of_named(study.theorem, name)
    measured = result.trajectory[study.theorem.bound(name).quantity]
    return np.asarray((stage_number(study, result) == stage.number) & ~np.isnan(measured))


def _no_number(study: Study, result: CellResult, name: str, margin: Array) -> NDArray[np.bool_]:
    """(R, T) points that were measured and cannot be compared: the bound is not a number."""
    return _measured_inside(study, result, name) & np.isnan(margin)


def _where_no_number(study: Study, results: Sequence[CellResult], name: str) -> str:
    """The first measured point without a bound, in words; empty if all have a bound."""
    for result in results:
        if measures(result, study.theorem.bound(name)):
            margin = bound_margin(study, result, name)
            unknown = _no_number(study, result, name, margin) & result.good[:, None]
            if unknown.any():
                step = steps_by_run(result.trajectory)[unknown].min()
                return f"the formula is not a number in {result.cell.name} at step {step:g}"
    return ""


def trivial_runs(
    study: Study,
    result: CellResult,
    name: str,
    constants: Mapping[str, float],
    against_largest: bool = True,
) -> NDArray[np.bool_] | None:
    """Runs whose bound, at the stage's last measured step, says no more than is always true.

    test_error lies between p and 1 - p; test_loss never falls below the Bayes floor H(p). A fitted
    upper bound on another quantity that falls, such as a loss, says nothing either where it lies
    above the run's own largest over more than half of the stage, if compared with that. A lower
    bound all of whose constants are fitted as 0 adds nothing.
    """
    bound = study.theorem.bound(name)
    if not measures(result, bound):
        return None
    inside = _measured_inside(study, result, name)
    limit = bound_along(study, result, bound, constants, log=False)
    last = np.full(len(inside), np.nan)
    for run in np.flatnonzero(inside.any(axis=1)):
        last[run] = limit[run, np.flatnonzero(inside[run])[-1]]
    p = result.values.get("p", 0.0)
    if bound.quantity == "test_error":
        upper = bound.kind == "upper"
        return np.asarray(last >= 1 - p if upper else last <= p, dtype=bool)
    if bound.quantity == "test_loss" and bound.kind == "lower":
        bayes = 0.0 if p == 0 else float(-p * np.log(p) - (1 - p) * np.log1p(-p))
        return last <= bayes
    fitted = [constants.get(str(each)) for each in study.theorem.continuous(bound).constants]
    if bound.kind == "lower" and fitted and not any(fitted):
        return np.ones(len(last), dtype=bool)
    if bound.kind == "lower":
        return np.isneginf(last)
    if not fitted or not against_largest:
        return np.isposinf(last)
    trivial = _trivial_values(result.trajectory[bound.quantity])
    lengths = _lengths(steps_by_run(result.trajectory).astype(float), inside)
    above = np.where(limit >= trivial[:, None], lengths, 0.0).sum(axis=1)
    mostly = above > TRIVIAL_SHARE_OF_STAGE * lengths.sum(axis=1)
    return np.asarray(np.isposinf(last) | mostly, dtype=bool)


def _lengths(steps: Array, inside: NDArray[np.bool_]) -> Array:
    """(R, T) time each point of the stage speaks for: since the point of the stage before it."""
    out = np.zeros(inside.shape)
    for run in np.flatnonzero(inside.any(axis=1)):
        on = np.flatnonzero(inside[run])
        out[run, on] = np.diff(steps[run, on], prepend=steps[run, on[0]])
    return out


def _trivial_values(measured: Array) -> Array:
    """(R,) the largest value of each run that does not rise; inf where it rises.

    What falls starts at its trivial value, as a loss does. What rises has none.
    """
    out = np.full(len(measured), np.inf)
    for run, values in enumerate(measured):
        known = values[~np.isnan(values)]
        if len(known) > 1 and known[-1] <= RISES_FROM * known[0]:
            out[run] = known.max()
    return out
