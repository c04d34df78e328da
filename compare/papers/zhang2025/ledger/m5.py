"""M5: in the benign regime signal memory dominates."""

from .....theory import Provenance
from ....cells import Study
from ....checks.dominance import decide_dominance
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_dominance(claim, study, signal=True)


CLAIM = Claim(
    id="M5",
    statement="|V±| dominates |V_n| of clean samples at least 2 to 1",
    provenance=Provenance.STATED,
    source="§6.1, Fig. 1e",
    regimes=("benign",),
    check=ByFunction(_decide),
    kinds=("stage",),
)
