"""H1: the stage-1 bound of Theorem 4.3."""

from .....theory import Provenance
from ....checks.stage_bound import decide_stage_bound
from ....claim import ByFunction, Claim

CLAIM = Claim(
    id="H1",
    statement="Until T1, test_error is at most p + C1",
    provenance=Provenance.RECONSTRUCTED,
    source="Theorem 4.3, phase 1",
    regimes=("harmful",),
    check=ByFunction(decide_stage_bound),
    kinds=("stage",),
)
