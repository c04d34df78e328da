"""B10: stage 2 starts where stage 1 was."""

import dataclasses

import numpy as np

from .....theory import Provenance
from .....theory.lemmas.identities import continuity_identities
from ....cells import Role, Study
from ....checks.event_values import at_event
from ....checks.violation_rate import Outcome, decide_fraction
from ....claim import ByFunction, Claim
from ....fitting.bounds import log_excess_error
from ....verdict import Status, Verdict

#: "Similar": within this factor. T1 is by definition the step at which a fresh noise token must
#: exceed one standard deviation to fail, so a factor of 3 from the ½ of the start is its normal
#: place and 10 leaves room for one class being ahead of the other.
SIMILAR = 10.0


def _decide(claim: Claim, study: Study) -> Verdict:
    """The bounds meet at T1 (algebra), and each run's excess at T1 is like that at step 0.

    The excess is (1 - 2p)·P(ŷf ≤ 0) in log space. A run violates where its excess at T1 and at
    step 0 differ by more than a factor of 10; runs that do not reach T1 are undecided.
    """
    meeting = [one for one in continuity_identities(study.theorem) if one.name.endswith("at T1")]
    closes = bool(meeting) and all(one.holds() for one in meeting)
    if not closes:
        reason = "the bounds of stages 1 and 2 do not meet at T1"
        return claim.verdict(study, Status.VIOLATED, reason, evidence={"closes": closes})
    outcomes, medians = [], {}
    for result in study.select(Role.HELD_OUT, "stage"):
        excess = log_excess_error(result)
        change = at_event(result, excess, "T1") - excess[:, 0]
        usable = result.ok & ~np.isnan(change)
        margin = np.abs(change) - np.log(SIMILAR)
        outcomes.append(Outcome(result, np.where(usable, margin, np.nan)))
        if usable.any():
            medians[result.cell.name] = float(np.exp(np.median(change[usable])))
    what = f"have an excess at T1 more than {SIMILAR:g}x off that at the start"
    verdict = decide_fraction(claim, study, outcomes, what)
    evidence = {"closes": closes, "median_of_excess_T1_over_start": medians, **verdict.evidence}
    return dataclasses.replace(verdict, evidence=evidence)


CLAIM = Claim(
    id="B10",
    statement="At T1 the bounds of stages 1 and 2 meet, and the excess is still like the start's",
    provenance=Provenance.RECONSTRUCTED,
    source="§4, after Theorem 4.2, signal learning stage",
    regimes=("benign",),
    check=ByFunction(_decide),
    kinds=("stage",),
    formulas=("B1 = B2 at T1",),
)
