"""X5: training w_O changes no verdict."""

from .....theory import Provenance
from ....cells import Study
from ....checks.paired_cells import decide_twins
from ....claim import ByFunction, Claim
from ....verdict import Verdict
from ..designs._paired_cells import twin_cells


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_twins(claim, study, "train_output")


CLAIM = Claim(
    id="X5",
    statement="Training w_O instead of freezing it changes no verdict",
    provenance=Provenance.DERIVED,
    source="§3 here against Jiang 2024",
    regimes=("benign", "harmful"),
    check=ByFunction(_decide),
    own_cells={regime: twin_cells(regime, "trained") for regime in ("benign", "harmful")},
)
