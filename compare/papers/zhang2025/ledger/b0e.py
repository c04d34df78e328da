"""B0e: the benign condition separates by test_error."""

from .....theory import Provenance
from ....cells import Study
from ....checks.separation import decide_separation
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_separation(claim, study, "test_error")


CLAIM = Claim(
    id="B0e",
    statement="Where N·SNR² is at least a constant, the final test_error is good",
    provenance=Provenance.SOURCE,
    source="Theorem 4.2, condition",
    regimes=("benign",),
    check=ByFunction(_decide),
    kinds=("ladder",),
    formulas=("condition",),
)
