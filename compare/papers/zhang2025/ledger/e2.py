"""E2: flipped labels raise the final test_loss."""

from .....theory import Provenance
from ....cells import Study
from ....checks.monotone_trend import decide_trend
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_trend(claim, study, "flip_prob", 1, kinds=("fig1", "fig7"))


CLAIM = Claim(
    id="E2",
    statement="The final test_loss increases with the flip probability",
    provenance=Provenance.STATED,
    source="§6.1, Fig. 1ab; App. F, Fig. 7b",
    regimes=("benign",),
    check=ByFunction(_decide),
    experiments=("fig1", "fig7"),
)
