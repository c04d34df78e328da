"""M4: harmful training moves attention to the noise."""

from .....theory import Provenance
from ....cells import Study
from ....checks.attention import decide_attention_move
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_attention_move(claim, study, towards_signal=False)


CLAIM = Claim(
    id="M4",
    statement="Clean training samples' attention moves to the noise",
    provenance=Provenance.STATED,
    source="§6.1, Fig. 1d",
    regimes=("harmful",),
    check=ByFunction(_decide),
    kinds=("stage",),
)
