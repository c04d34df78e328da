"""H2: the stage-2 bound of Theorem 4.3, as the prose has it."""

from .....theory import Provenance
from ....checks.stage_bound import decide_stage_bound
from ....claim import ByFunction, Claim

CLAIM = Claim(
    id="H2",
    statement="From T1 to T2, test_loss is at most log 2 plus a term linear in time",
    provenance=Provenance.RECONSTRUCTED,
    source="Theorem 4.3, phase 2",
    regimes=("harmful",),
    check=ByFunction(decide_stage_bound),
    kinds=("stage",),
)
