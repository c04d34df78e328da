"""E3b: the theory's direction over N and SNR."""

from .....theory import Provenance
from ....cells import Study
from ....checks.joint_trend import decide_joint
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_joint(claim, study, -1)


CLAIM = Claim(
    id="E3b",
    statement="As N and SNR both grow test_loss falls, as the theory has it",
    provenance=Provenance.DERIVED,
    source="Theorem 4.2 against §6.2, Fig. 2",
    regimes=("benign",),
    check=ByFunction(_decide),
    experiments=("fig2",),
)
