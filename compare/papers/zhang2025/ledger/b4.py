"""B4: T1 scales as the paper's law says."""

from .....theory import Provenance
from ....cells import Study
from ....checks.time_scaling import decide_scaling
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_scaling(claim, study, "T1", "paper")


CLAIM = Claim(
    id="B4",
    statement="T1, as detected here, scales as the law recalled from Jiang 2024",
    provenance=Provenance.SOURCE,
    source="Theorem 4.2, phase 1",
    regimes=("benign",),
    check=ByFunction(_decide),
    formulas=("T1 (paper)",),
    kinds=("stage", "powers"),
)
