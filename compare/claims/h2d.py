"""H2d: the stage-2 bound of Theorem 4.3, derived from the dynamics."""

from ...theory import Provenance
from ..checks.stage_bound import decide_stage_bound
from ..claim import Claim

CLAIM = Claim(
    id="H2d",
    statement="From T1 to T2, test_loss is at most log 2 plus memory and its derived growth",
    provenance=Provenance.DERIVED,
    source="counterpart of Theorem 4.3, phase 2",
    regimes=("harmful",),
    decide=decide_stage_bound,
)
