"""Does an event come in time?"""

from __future__ import annotations

import numpy as np

from ..cells import Role, Study
from ..claim import Claim
from ..fitting.bounds import speaks_of
from ..verdict import Status, Verdict
from .stage_laws import cell_without_steps, law_steps
from .violation_rate import Outcome, decide_fraction


def decide_in_time(claim: Claim, study: Study, event: str, form: str) -> Verdict:
    """Whether each held-out run reaches the event by the law with its widened constants, if any.

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
    asked = [one for one in study.select(Role.HELD_OUT, "stage") if speaks_of(law, one)]
    senseless = cell_without_steps(law, asked, constants)
    if senseless is not None:
        why = f"the law is no positive number in cell {senseless}"
        return claim.verdict(study, Status.INCONCLUSIVE, why)
    outcomes = []
    for result in asked:
        deadline = law_steps(law, result, constants)
        reached = result.events[event]
        late = (reached - deadline) / deadline
        ran_past = result.watched(event) >= deadline
        never = np.isnan(reached) & result.ok & ran_past
        late[never] = np.inf
        outcomes.append(Outcome(result, np.where(result.ok, late, np.nan)))
    decided = [one.margins[~np.isnan(one.margins)] for one in outcomes]
    room = np.concatenate(decided) if decided else np.empty(0)
    tightness = float(-np.median(room)) if room.size else None
    return decide_fraction(
        claim, study, outcomes, f"reach {event} late", tightness, fitted=bool(names)
    )
