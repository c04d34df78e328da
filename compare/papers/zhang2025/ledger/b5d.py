"""B5d: T2 scales as the derived law says."""

from .....theory import Provenance
from ....cells import Study
from ....checks.time_scaling import decide_scaling
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_scaling(claim, study, "T2", "derived")


CLAIM = Claim(
    id="B5d",
    statement="T2, as detected here, scales as this project's derived law",
    provenance=Provenance.DERIVED,
    source="Theorem 4.2, phase 2",
    regimes=("benign",),
    check=ByFunction(_decide),
    formulas=("T2 (derived)",),
    kinds=("stage", "powers"),
)
