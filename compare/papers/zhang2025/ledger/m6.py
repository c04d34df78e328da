"""M6: in the harmful regime noise memory dominates."""

from .....theory import Provenance
from ....cells import Study
from ....checks.dominance import decide_dominance
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_dominance(claim, study, signal=False)


CLAIM = Claim(
    id="M6",
    statement="|V_n| of clean samples dominates |V±| at least 2 to 1",
    provenance=Provenance.STATED,
    source="§6.1, Fig. 1f",
    regimes=("harmful",),
    check=ByFunction(_decide),
    kinds=("stage",),
)
