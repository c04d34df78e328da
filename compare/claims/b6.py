"""B6: T3 scales as the paper's law says."""

from ...theory import Provenance
from ..checks.events import decide_scaling
from ..claim import Claim
from ..study import Study
from ..verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_scaling(claim, study, "T3", "paper")


CLAIM = Claim(
    id="B6",
    statement="The event T3 scales with the problem's numbers as the paper's law says",
    provenance=Provenance.SOURCE,
    source="Theorem 4.2, phase 3",
    regimes=("benign",),
    decide=_decide,
)
