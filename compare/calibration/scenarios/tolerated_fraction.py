"""The least favourable truth of a claim about runs: as many violate as are tolerated."""

from dataclasses import replace

from ...thresholds import TOLERATED_FRACTION
from ..benign import BenignTruth
from ..scenario import Kind, Scenario
from ..synthetic import synthetic_study

_TRUTH = BenignTruth()

SCENARIOS = (
    Scenario(
        "tolerated-fraction", Kind.EDGE, ("B1", "B2"),
        "5% of held-out runs exceed the bound, exactly what is tolerated",
        lambda rng, noise: synthetic_study(
            rng, 0.0, _TRUTH, replace(_TRUTH, broken=TOLERATED_FRACTION)
        ),
    ),
)  # fmt: skip
