"""E14a: the text's direction along the noise."""

from .....theory import Provenance
from ....cells import Study
from ....checks.monotone_trend import decide_trend
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_trend(claim, study, "noise_std", -1, kinds=("fig7",))


CLAIM = Claim(
    id="E14a",
    statement="test_loss decreases with the noise variance, as the text says",
    provenance=Provenance.STATED,
    source="App. F, text on Fig. 7d",
    regimes=("benign",),
    check=ByFunction(_decide),
    experiments=("fig7",),
)
