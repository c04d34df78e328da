"""B6d: T3 scales as the derived law says."""

from ...theory import Provenance
from ..checks.events import decide_scaling
from ..claim import Claim
from ..study import Study
from ..verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_scaling(claim, study, "T3", "derived")


CLAIM = Claim(
    id="B6d",
    statement="The event T3 scales with the problem's numbers as the derived law says",
    provenance=Provenance.DERIVED,
    source="Theorem 4.2, phase 3",
    regimes=("benign",),
    decide=_decide,
)
