"""`Deadline`: does an event come in time?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...theory import StageTime
from ..cells import Role, Study
from ..claim import Claim
from ..fitting.bounds import speaks_of
from ..fitting.stage_laws import cell_without_steps, law_steps
from ..verdict import Status, Verdict
from .time_wrong_powers import TimeWrongPowers, telling
from .violation_rate import Outcome, ViolationRate


@dataclass(frozen=True)
class Deadline:
    """Whether each held-out run reaches the event by the law's time, constants widened, if any.

    Of an event between two logged steps the log says only that: late is what has not come at a
    step beyond that time, in time what has come by one before it. Undecided are other runs, and
    runs that end before that time without the event, and events before the first logged step,
    which are known to no constant.

    Attributes:
        event: of the law.
        form: of the law, e.g. ``"paper"``.
    """

    event: str
    form: str
    RULES = (ViolationRate, TimeWrongPowers)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the held-out stage cells the law speaks of."""

        def judge(changed: Study, law: StageTime) -> str:
            """What rejects another law of this event."""
            kept = self._of_runs(claim, changed, law).status is Status.HOLDS
            return "" if kept else "runs"

        law = study.theorem.time(self.event, self.form)
        return telling(self._of_runs(claim, study, law), study, law, judge)

    def _of_runs(self, claim: Claim, study: Study, law: StageTime) -> Verdict:
        """The verdict of runs on a law."""
        names = [f"{constant} of {law.name}" for constant in law.constants]
        if any(name not in study.constants for name in names):
            why = study.constants.failures.get(law.name, "it was not fitted")
            return claim.verdict(study, Status.INCONCLUSIVE, f"no constant for {law.name}: {why}")
        constants = {
            str(constant): study.constants[name].widened
            for constant, name in zip(law.constants, names, strict=True)
        }
        asked = [
            result for result in study.select(Role.HELD_OUT, "stage") if speaks_of(law, result)
        ]
        nowhere = cell_without_steps(law, asked, constants)
        if nowhere is not None:
            why = f"the law is not a positive number in cell {nowhere}"
            return claim.verdict(study, Status.INCONCLUSIVE, why)
        outcomes = []
        for result in asked:
            deadline = law_steps(law, result, constants)
            first, last = result.came(self.event)
            late = np.where(first > deadline, first - deadline, last - deadline) / deadline
            late[(first <= deadline) & (last > deadline)] = np.nan
            after, by = result.between(self.event)
            late[(after < deadline) & (by > deadline)] = np.nan
            if names:
                late[result.unseen(self.event)] = np.nan
            ran_past = result.watched(self.event) >= deadline
            never = np.isnan(first) & result.ok & ran_past
            late[never] = np.inf
            outcomes.append(Outcome(result, np.where(result.ok, late, np.nan)))
        decided = [outcome.margins[~np.isnan(outcome.margins)] for outcome in outcomes]
        room = np.concatenate(decided) if decided else np.empty(0)
        tightness = float(-np.median(room)) if room.size else None
        what = f"reach {self.event} late"
        verdict = ViolationRate(outcomes, what, tightness, fitted=bool(names)).decide(claim, study)
        coarse = sum(
            int((np.isnan(outcome.margins) & np.isfinite(outcome.result.came(self.event)[1])).sum())
            for outcome in outcomes
        )
        if not coarse:
            return verdict
        reason = (
            f"{verdict.reason}; in {coarse} the log is too coarse to say when {self.event} came"
        )
        return replace(verdict, reason=reason)
