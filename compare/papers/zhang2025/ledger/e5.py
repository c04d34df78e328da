"""E5: the boundary of the thresholded heat map."""

from .....theory import Provenance
from ....cells import Study
from ....checks.phase_boundary import decide_boundary
from ....claim import ByFunction, Claim
from ....verdict import Verdict

#: The paper thresholds its map of the flip probability it shows first.
FLIP_PROB = 0.1


def _decide(claim: Claim, study: Study) -> Verdict:
    cells = [one for one in study.select(kind="map") if one.cell.problem.flip_prob == FLIP_PROB]
    return decide_boundary(
        claim, study, cells, "test_loss", (1, 2, 0), {"N·SNR^4": (1, 4, 0)},
        "d fixed; p = 0.1; a run is good where test_loss is at most half-way from its least value "
        "H(p) to log 2, since a bare 0.2 is below H(0.1)",
    )  # fmt: skip


CLAIM = Claim(
    id="E5",
    statement="In N and SNR the boundary of the thresholded test_loss follows N·SNR² = C",
    provenance=Provenance.STATED,
    source="§6.2, Fig. 3",
    regimes=("benign",),
    check=ByFunction(_decide),
    kinds=("map",),
)
