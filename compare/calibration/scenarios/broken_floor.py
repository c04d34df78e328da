"""A lower bound broken in one held-out cell of ten."""

from dataclasses import replace

from ..harmful import HarmfulTruth
from ..scenario import Kind, Scenario
from ..synthetic import synthetic_study

_TRUTH = HarmfulTruth()
#: Test loss of the broken cell's stage 3: 1% below the bound, two standard deviations of a run.
BELOW = 0.2347

SCENARIOS = (
    Scenario(
        "broken-floor", Kind.VIOLATED, ("H6",),
        "one of ten held-out cells has a stage-3 test_loss 1% below the bound",
        lambda rng, noise: synthetic_study(
            rng, noise, _TRUTH, by_name={"synthetic-out-4": replace(_TRUTH, level=BELOW)}
        ),
    ),
)  # fmt: skip
