"""M2: benign training moves attention to the signal."""

from .....theory import Provenance
from ....cells import Study
from ....checks.attention import decide_attention_move
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_attention_move(claim, study, towards_signal=True)


CLAIM = Claim(
    id="M2",
    statement="Clean training samples' attention moves to the signal",
    provenance=Provenance.STATED,
    source="§6.1, Fig. 1c",
    regimes=("benign",),
    check=ByFunction(_decide),
    kinds=("stage",),
)
