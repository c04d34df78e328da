"""A deadline missed: T3 beyond twice the slack."""

from dataclasses import replace

from ...thresholds import SLACK_C
from ..benign import BenignTruth
from ..harmful import HarmfulTruth
from ..scenario import Kind, Scenario
from ..synthetic import synthetic_study

_BENIGN, _HARMFUL = BenignTruth(form="paper"), HarmfulTruth()
_LATE = 2 * SLACK_C

SCENARIOS = (
    Scenario(
        "late-benign", Kind.VIOLATED, ("B7",), "T3 of held-out cells 2x late, after the slack",
        lambda rng, noise: synthetic_study(
            rng, noise, _BENIGN, replace(_BENIGN, stretch={"T3": _LATE})
        ),
    ),
    Scenario(
        "late-harmful", Kind.VIOLATED, ("H5",), "T3 of held-out cells 2x late, after the slack",
        lambda rng, noise: synthetic_study(rng, noise, _HARMFUL, replace(_HARMFUL, stretch=_LATE)),
    ),
)  # fmt: skip
