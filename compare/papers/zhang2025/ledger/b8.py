"""B8: the final test_error is close to p."""

import numpy as np

from .....theory import Provenance
from ....cells import Role, Study
from ....checks.violation_rate import Outcome, decide_fraction
from ....claim import ByFunction, Claim
from ....verdict import Verdict

#: How close (the ledger's number).
CLOSE = 0.01


def _decide(claim: Claim, study: Study) -> Verdict:
    """The excess (1-2p)·P(ŷf ≤ 0) of each held-out stage run at its last logged step.

    A run violates where it is above 0.01; runs that have not reached T3 are undecided.
    """
    outcomes = []
    for result in study.select(Role.HELD_OUT, "stage"):
        p = result.cell.problem.flip_prob
        excess = (1 - 2 * p) * np.exp(result.trajectory["log_failure_prob"][:, -1])
        converged = np.isfinite(result.events["T3"]) & result.ok
        outcomes.append(Outcome(result, np.where(converged, excess - CLOSE, np.nan)))
    return decide_fraction(claim, study, outcomes, f"end more than {CLOSE} above p")


CLAIM = Claim(
    id="B8",
    statement="After convergence, test_error is within 0.01 of the flip probability p",
    provenance=Provenance.STATED,
    source="Theorem 4.2, phase 3",
    regimes=("benign",),
    check=ByFunction(_decide),
    kinds=("stage",),
)
