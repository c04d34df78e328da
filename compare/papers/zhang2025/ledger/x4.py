"""X4: noise projected off the signals changes no verdict."""

from .....theory import Provenance
from ....cells import Study
from ....checks.paired_cells import decide_twins
from ....claim import ByFunction, Claim
from ....verdict import Verdict
from ..designs._paired_cells import twin_cells


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_twins(claim, study, "noise")


CLAIM = Claim(
    id="X4",
    statement="Noise orthogonal to the signals instead of isotropic changes no verdict",
    provenance=Provenance.DERIVED,
    source="Definition 3.1 here against Jiang 2024",
    regimes=("benign", "harmful"),
    check=ByFunction(_decide),
    own_cells={regime: twin_cells(regime, "orthogonal") for regime in ("benign", "harmful")},
)
