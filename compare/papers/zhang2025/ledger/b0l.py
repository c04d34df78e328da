"""B0l: the benign condition separates by test_loss."""

from .....theory import Provenance
from ....cells import Study
from ....checks.separation import decide_separation
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_separation(claim, study, "test_loss")


CLAIM = Claim(
    id="B0l",
    statement="Where N·SNR² is at least a constant, the final test_loss is good",
    provenance=Provenance.SOURCE,
    source="Theorem 4.2, condition",
    regimes=("benign",),
    check=ByFunction(_decide),
    kinds=("ladder",),
    formulas=("condition",),
)
