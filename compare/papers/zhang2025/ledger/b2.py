"""B2: the stage-2 bound of Theorem 4.2."""

from .....theory import Provenance
from ....checks.stage_bound import decide_stage_bound
from ....claim import ByFunction, Claim

CLAIM = Claim(
    id="B2",
    statement="From T1 to T2, the excess test_error stays below an exponential decay",
    provenance=Provenance.RECONSTRUCTED,
    source="Theorem 4.2, phase 2",
    regimes=("benign",),
    check=ByFunction(decide_stage_bound),
    kinds=("stage",),
)
