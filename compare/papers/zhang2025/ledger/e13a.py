"""E13a: the text's direction along the signal strength."""

from .....theory import Provenance
from ....cells import Study
from ....checks.monotone_trend import decide_trend
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_trend(claim, study, "signal_norm", 1, kinds=("fig7",))


CLAIM = Claim(
    id="E13a",
    statement="test_loss increases with the signal strength, as the text says",
    provenance=Provenance.STATED,
    source="App. F, text on Fig. 7c",
    regimes=("benign",),
    check=ByFunction(_decide),
    experiments=("fig7",),
)
