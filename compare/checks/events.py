"""Does an event come in time, and does its time scale as a law says?

Event times scatter between runs, T1 by a factor of ten, so the medians of a few runs differ
between cells under a perfect law. A scaling therefore fails only if exact intervals of all
medians, from order statistics, leave no room for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

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
#: Confidence of all cells' lower (and of all cells' upper) limits of the median together.
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Ratio:
    """Event time over the law in one cell: median over runs, with an exact interval."""

    inside: bool
    median: float
    low: float
    high: float


def median_limits(values: Array, miss: float) -> tuple[float, float]:
    """Order statistics that miss the median, each, with probability at most ``miss``.

    >>> median_limits(np.arange(1.0, 9.0), 0.05), median_limits(np.arange(1.0, 9.0), 0.001)
    ((2.0, 7.0), (0.0, inf))
    """
    rank = int((binom.cdf(np.arange(values.size + 1), values.size, 0.5) <= miss).sum())
    if rank == 0:
        return 0.0, np.inf
    ordered = np.sort(values)
    return float(ordered[rank - 1]), float(ordered[-rank])


def decide_scaling(claim: Claim, study: Study, event: str, form: str) -> Verdict:
    """Whether cell medians of event time / law agree across held-out cells within 2×.

    A cell counts when more than half of its runs reach the event after step 0. HOLDS where
    the medians themselves agree; a failure needs more than their scatter (`Ratio`); between
    the two it is INCONCLUSIVE. The other form's spread stands in the evidence, side by side.
    """
    law = study.theorem.time(event, form)
    found = _ratios(study, law)
    held_out = [result.cell.name for result in study.select(Role.HELD_OUT, "stage")]
    everywhere = list(found.values())
    inside = [ratio for ratio in everywhere if ratio.inside]
    evidence = {
        "law": str(law.expr),
        "median_time_over_law": {name: ratio.median for name, ratio in found.items()},
        "cells_without_the_event": [name for name in held_out if name not in found],
        "spread_inside": _spread(inside),
        "spread_all": _spread(everywhere),
        "spread_beyond_scatter_inside": _sure_spread(inside),
        "spread_beyond_scatter_all": _sure_spread(everywhere),
        "spread_by_form": {
            other.form: _spread(list(_ratios(study, other).values()))
            for other in study.theorem.times
            if other.event == event
        },
    }
    status, scope, spread = _rule(inside, everywhere)
    where = {Scope.INSIDE: " inside the assumptions", Scope.OUTSIDE: " outside them"}
    reason = f"{event} over the law spreads {spread:.2f}x across cells" if spread else ""
    reason += where.get(scope, "")
    if spread is None:
        reason = f"{event} is reached in {len(everywhere)} held-out cells; {MIN_CELLS} are needed"
    elif status is Status.INCONCLUSIVE:
        reason += ", but no more than its scatter between runs allows; more seeds would decide"
    middle = float(np.median([ratio.median for ratio in everywhere])) if everywhere else 1.0
    worst = max(found, key=lambda n: abs(np.log(found[n].median / middle))) if found else None
    return claim.verdict(
        study,
        status,
        reason,
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


def _rule(inside: list[Ratio], everywhere: list[Ratio]) -> tuple[Status, Scope, float | None]:
    spread_in, spread_all = _spread(inside), _spread(everywhere)
    has_outside = len(everywhere) > len(inside)
    both = Scope.OUTSIDE if not inside else Scope.BOTH if has_outside else Scope.INSIDE
    if spread_all is None:
        return Status.INCONCLUSIVE, Scope.NONE, None
    if spread_in is not None and spread_in > SPREAD_LIMIT:
        sure = _sure_spread(inside) > SPREAD_LIMIT
        return Status.VIOLATED if sure else Status.INCONCLUSIVE, Scope.INSIDE, spread_in
    if spread_all <= SPREAD_LIMIT:
        return Status.HOLDS, both, spread_all
    if spread_in is not None:
        return Status.HOLDS, Scope.INSIDE, spread_in
    if _sure_spread(everywhere) > SPREAD_LIMIT:
        return Status.OUT_OF_SCOPE, both, spread_all
    return Status.INCONCLUSIVE, both, spread_all


def _spread(ratios: list[Ratio]) -> float | None:
    if len(ratios) < MIN_CELLS:
        return None
    medians = [ratio.median for ratio in ratios]
    return max(medians) / min(medians)


def _sure_spread(ratios: list[Ratio]) -> float:
    """A spread that true medians have at least, as far as their limits tell."""
    if not ratios:
        return 1.0
    return max(1.0, max(ratio.low for ratio in ratios) / min(ratio.high for ratio in ratios))


def _ratios(study: Study, law: StageTime) -> dict[str, Ratio]:
    """Cells that have a median of event time / law, with limits that hold all at once."""
    constants = {str(constant): 1.0 for constant in law.constants}
    if len(law.constants) > 1:
        names = {str(constant): f"{constant} of {law.name}" for constant in law.constants}
        if any(name not in study.constants for name in names.values()):
            return {}
        constants = {c: study.constants[name].value for c, name in names.items()}
    times = []
    for result in study.select(Role.HELD_OUT, "stage"):
        reached = result.events[law.event][result.ok]
        usable = np.isfinite(reached) & (reached > 0)
        if 2 * usable.sum() > result.ok.size:
            # a run that has not reached the event reaches it later than it was trained
            times.append((result, np.where(np.isnan(reached), np.inf, reached)))
    found = {}
    for result, values in times:
        scaled = values / _law_steps(law, result, constants)
        limits = median_limits(scaled, (1 - CONFIDENCE) / len(times))
        found[result.cell.name] = Ratio(result.inside, float(np.median(scaled)), *limits)
    return found


def _law_steps(law: StageTime, result: CellResult, constants: dict[str, float]) -> float:
    return float(law.numeric(**result.values, **constants))
