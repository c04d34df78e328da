"""H0l: the harmful condition separates by test_loss."""

from .....theory import Provenance
from ....cells import Study
from ....checks.separation import decide_separation
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_separation(claim, study, "test_loss")


CLAIM = Claim(
    id="H0l",
    statement="Where N·SNR² is below a constant, the final test_loss is bad",
    provenance=Provenance.RECONSTRUCTED,
    source="Theorem 4.3, condition",
    regimes=("harmful",),
    check=ByFunction(_decide),
    kinds=("ladder",),
    formulas=("condition",),
)
