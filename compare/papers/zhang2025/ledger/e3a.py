"""E3a: the text's direction over N and SNR."""

from .....theory import Provenance
from ....cells import Study
from ....checks.joint_trend import decide_joint
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_joint(claim, study, 1)


CLAIM = Claim(
    id="E3a",
    statement="As N and SNR both grow test_loss rises, as the text says",
    provenance=Provenance.STATED,
    source="§6.2, text on Fig. 2",
    regimes=("benign",),
    check=ByFunction(_decide),
    experiments=("fig2",),
)
