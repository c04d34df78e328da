"""E13b: the theory's direction along the signal strength."""

from .....theory import Provenance
from ....cells import Study
from ....checks.monotone_trend import decide_trend
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_trend(claim, study, "signal_norm", -1, kinds=("fig7",))


CLAIM = Claim(
    id="E13b",
    statement="test_loss decreases with the signal strength, as the theory has it",
    provenance=Provenance.DERIVED,
    source="Theorem 4.2 against App. F, Fig. 7c",
    regimes=("benign",),
    check=ByFunction(_decide),
    experiments=("fig7",),
)
