"""B4: T1 scales as the paper's law says."""

from ...theory import Provenance
from ..checks.events import decide_scaling
from ..claim import Claim
from ..study import Study
from ..verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_scaling(claim, study, "T1", "paper")


CLAIM = Claim(
    id="B4",
    statement="The event T1 scales with the problem's numbers as the paper's law says",
    provenance=Provenance.SOURCE,
    source="Theorem 4.2, phase 1",
    regimes=("benign",),
    decide=_decide,
)
