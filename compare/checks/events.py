"""Does an event come in time, and does its time scale as a law says?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...theory import StageTime
from ..claim import Claim
from ..study import CellResult, Role, Study
from ..verdict import Scope, Status, Verdict
from .fraction import Outcome, decide_fraction

Array = NDArray[np.float64]

#: Largest ratio between cells of (event time)/(law) for the law to count as the scaling.
SPREAD_LIMIT = 2.0
#: Held-out cells needed to speak of a scaling.
MIN_CELLS = 4


def decide_scaling(claim: Claim, study: Study, event: str, form: str) -> Verdict:
    """Whether cell medians of event time / law agree across held-out cells within 2×.

    A cell counts when more than half of its runs reach the event after step 0. The other
    form's spread on the same cells stands in the evidence, side by side.
    """
    law = study.theorem.time(event, form)
    found, dropped = {}, []
    for result in study.select(Role.HELD_OUT, "stage"):
        ratio = _median_ratio(study, result, law)
        if ratio is None:
            dropped.append(result.cell.name)
        else:
            found[result.cell.name] = (result.inside, ratio)
    everywhere = [ratio for _, ratio in found.values()]
    inside = [ratio for is_inside, ratio in found.values() if is_inside]
    evidence = {
        "law": str(law.expr),
        "median_time_over_law": {name: ratio for name, (_, ratio) in found.items()},
        "cells_without_the_event": dropped,
        "spread_inside": _spread(inside),
        "spread_all": _spread(everywhere),
        "spread_by_form": {
            other.form: _spread(_all_ratios(study, other))
            for other in study.theorem.times
            if other.event == event
        },
    }
    status, scope, spread = _rule(inside, everywhere)
    if status is Status.INCONCLUSIVE:
        reason = f"{event} is reached in {len(everywhere)} held-out cells; {MIN_CELLS} are needed"
    else:
        where = {Scope.INSIDE: "inside the assumptions ", Scope.OUTSIDE: "outside them "}
        reason = f"{event} over the law spreads {spread:.2f}x across cells {where.get(scope, '')}"
    middle = float(np.median(everywhere)) if everywhere else 1.0
    worst = max(found, key=lambda n: abs(np.log(found[n][1] / middle))) if found else None
    return claim.verdict(
        study,
        status,
        reason.strip(),
        scope=scope,
        statistic=spread,
        statistic_name="largest over smallest cell median of event time / law",
        relation="<=",
        threshold=SPREAD_LIMIT,
        tightness=SPREAD_LIMIT / spread if spread else None,
        worst_cell=worst,
        evidence=evidence,
    )


def decide_in_time(claim: Claim, study: Study, event: str, form: str) -> Verdict:
    """Whether each held-out run reaches the event by the law with its widened constants.

    A run that ends before that time without the event is undecided, not a violation.
    """
    law = study.theorem.time(event, form)
    names = [f"{constant} of {law.name}" for constant in law.constants]
    if any(name not in study.constants for name in names):
        why = study.constants.failures.get(law.name, "it was not fitted")
        return claim.verdict(study, Status.INCONCLUSIVE, f"no constant for {law.name}: {why}")
    constants = {
        str(constant): study.constants[name].widened
        for constant, name in zip(law.constants, names, strict=True)
    }
    outcomes = []
    for result in study.select(Role.HELD_OUT, "stage"):
        deadline = _law_steps(law, result, constants)
        reached = result.events[event]
        late = (reached - deadline) / deadline
        ran_past = result.trajectory.steps[-1] >= deadline
        never = np.isnan(reached) & result.ok & ran_past
        late[never] = np.inf
        outcomes.append(Outcome(result, np.where(result.ok, late, np.nan)))
    decided = [one.margins[np.isfinite(one.margins)] for one in outcomes]
    room = np.concatenate(decided) if decided else np.empty(0)
    tightness = float(-np.median(room)) if room.size else None
    return decide_fraction(claim, study, outcomes, f"reach {event} late", tightness)


def _rule(inside: list[float], everywhere: list[float]) -> tuple[Status, Scope, float | None]:
    spread_in, spread_all = _spread(inside), _spread(everywhere)
    if spread_in is not None and spread_in > SPREAD_LIMIT:
        return Status.VIOLATED, Scope.INSIDE, spread_in
    if spread_all is not None and spread_all <= SPREAD_LIMIT:
        has_outside = len(everywhere) > len(inside)
        scope = Scope.OUTSIDE if not inside else Scope.BOTH if has_outside else Scope.INSIDE
        return Status.HOLDS, scope, spread_all
    if spread_in is not None:
        return Status.HOLDS, Scope.INSIDE, spread_in
    if spread_all is not None:
        return Status.OUT_OF_SCOPE, Scope.OUTSIDE, spread_all
    return Status.INCONCLUSIVE, Scope.NONE, None


def _spread(ratios: list[float]) -> float | None:
    return max(ratios) / min(ratios) if len(ratios) >= MIN_CELLS else None


def _median_ratio(study: Study, result: CellResult, law: StageTime) -> float | None:
    reached = result.events[law.event]
    usable = reached[np.isfinite(reached) & (reached > 0) & result.ok]
    if 2 * usable.size <= reached.size:
        return None
    constants = {str(constant): 1.0 for constant in law.constants}
    if len(law.constants) > 1:
        names = {constant: f"{constant} of {law.name}" for constant in law.constants}
        if any(name not in study.constants for name in names.values()):
            return None
        constants = {str(c): study.constants[name].value for c, name in names.items()}
    return float(np.median(usable)) / _law_steps(law, result, constants)


def _all_ratios(study: Study, law: StageTime) -> list[float]:
    ratios = [_median_ratio(study, one, law) for one in study.select(Role.HELD_OUT, "stage")]
    return [ratio for ratio in ratios if ratio is not None]


def _law_steps(law: StageTime, result: CellResult, constants: dict[str, float]) -> float:
    return float(law.numeric(**result.values, **constants))
