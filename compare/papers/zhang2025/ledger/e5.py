"""E5: the boundary of the thresholded heat map."""

from .....theory import Provenance
from ....checks.phase_boundary import PhaseBoundary
from ....claim import Claim

#: The paper thresholds its map of the flip probability it shows first.
FLIP_PROB = 0.1

CLAIM = Claim(
    id="E5",
    statement="In N and SNR the boundary of the thresholded test_loss follows N·SNR² = C",
    provenance=Provenance.STATED,
    source="§6.2, Fig. 3",
    regimes=("benign",),
    check=PhaseBoundary(
        kind="map",
        quantity="test_loss",
        law=(1, 2, 0),
        rivals={"N·SNR^4": (1, 4, 0)},
        scaling="d fixed; p = 0.1; a run is good where test_loss is at most half-way from its "
        "least value H(p) to log 2, since a bare 0.2 is below H(0.1)",
        flip_prob=FLIP_PROB,
    ),
    kinds=("map",),
)
