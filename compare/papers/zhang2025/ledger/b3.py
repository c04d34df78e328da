"""B3: the stage-3 bound of Theorem 4.2."""

from .....theory import Provenance
from ....checks.stage_bound import decide_stage_bound
from ....claim import ByFunction, Claim

CLAIM = Claim(
    id="B3",
    statement="From T2 to T3, the excess test_error stays below a Gaussian decay",
    provenance=Provenance.RECONSTRUCTED,
    source="Theorem 4.2, phase 3",
    regimes=("benign",),
    check=ByFunction(decide_stage_bound),
    kinds=("stage",),
)
