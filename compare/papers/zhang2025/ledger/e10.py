"""E10: a smaller initial value matrix leaves a smaller test_loss."""

from .....theory import Provenance
from ....cells import Study
from ....checks.monotone_trend import decide_trend
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_trend(claim, study, "init_std_v", 1, kinds=("fig6",))


CLAIM = Claim(
    id="E10",
    statement="A smaller sigma_V leaves a smaller test_loss",
    provenance=Provenance.STATED,
    source="§6.5, Fig. 6a",
    regimes=("benign",),
    check=ByFunction(_decide),
    experiments=("fig6",),
)
