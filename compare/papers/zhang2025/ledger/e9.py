"""E9: a smaller learning rate leaves a larger test_loss."""

from .....theory import Provenance
from ....cells import Study
from ....checks.monotone_trend import decide_trend
from ....claim import ByFunction, Claim
from ....verdict import Verdict

#: The step at which the paper compares.
STEPS = 2_000


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_trend(claim, study, "learning_rate", -1, kinds=("fig5",), step=STEPS)


CLAIM = Claim(
    id="E9",
    statement="At T = 2000 a smaller learning rate leaves a larger test_loss",
    provenance=Provenance.STATED,
    source="§6.4, Fig. 5",
    regimes=("benign",),
    check=ByFunction(_decide),
    experiments=("fig5",),
)
