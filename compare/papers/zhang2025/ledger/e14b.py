"""E14b: the theory's direction along the noise."""

from .....theory import Provenance
from ....cells import Study
from ....checks.monotone_trend import decide_trend
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_trend(claim, study, "noise_std", 1, kinds=("fig7",))


CLAIM = Claim(
    id="E14b",
    statement="test_loss increases with the noise variance, as the theory has it",
    provenance=Provenance.DERIVED,
    source="Theorem 4.2 against App. F, Fig. 7d",
    regimes=("benign",),
    check=ByFunction(_decide),
    experiments=("fig7",),
)
