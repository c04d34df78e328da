"""H6: the stage-3 lower bound of Theorem 4.3."""

from .....theory import Provenance
from ....checks.stage_bound import decide_stage_bound
from ....claim import ByFunction, Claim

CLAIM = Claim(
    id="H6",
    statement="From T2 to T3, test_loss is at least log(1+exp(-1/2))/2 = 0.237",
    provenance=Provenance.RECONSTRUCTED,
    source="Theorem 4.3, phase 3",
    regimes=("harmful",),
    check=ByFunction(decide_stage_bound),
    kinds=("stage",),
)
