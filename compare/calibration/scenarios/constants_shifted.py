"""Held-out constants a known factor off the calibration cells' own, scattered as those are.

The slack allows a factor of 2; these depart by 2 times that and more. The envelope covers the
worst of all calibration runs, so much scatter between runs hides a small departure.
"""

from dataclasses import replace

import numpy as np

from ...cells import Study
from ...thresholds import SLACK_C, SLACK_K
from ..benign import BenignTruth
from ..harmful import HarmfulTruth
from ..scenario import Kind, Scenario
from ..synthetic import synthetic_study

#: Factors beyond the slack.
FACTORS = (2, 4)

_BENIGN, _HARMFUL = BenignTruth(), HarmfulTruth()


def _benign(name: str, claim: str, factor: float) -> Scenario:
    rate = name != "C2"
    shifted = getattr(_BENIGN, name) * (SLACK_K / factor if rate else SLACK_C * factor)
    held_out = replace(_BENIGN, **{name: shifted})
    off = "below" if rate else "above"

    def build(rng: np.random.Generator, noise: float) -> Study:
        return synthetic_study(rng, noise, _BENIGN, held_out)

    statement = f"{name} of held-out cells {factor}x {off} calibration's, after the slack"
    label = f"{name}-shifted-{factor}".lower()
    return Scenario(label, Kind.VIOLATED, (claim,), statement, build, sized=True)


def _harmful(name: str, claim: str, factor: float) -> Scenario:
    held_out = replace(_HARMFUL, **{name: getattr(_HARMFUL, name) * SLACK_C * factor})

    def build(rng: np.random.Generator, noise: float) -> Study:
        return synthetic_study(rng, noise, _HARMFUL, held_out)

    statement = f"{name} of held-out cells {factor}x above calibration's, after the slack"
    label = f"{claim}-shifted-{factor}".lower()
    return Scenario(label, Kind.VIOLATED, (claim,), statement, build, sized=True)


SCENARIOS = tuple(
    scenario
    for factor in FACTORS
    for scenario in (
        _benign("C2", "B1", factor),
        _benign("k2", "B2", factor),
        _benign("k3", "B3", factor),
        _harmful("C1", "H1", factor),
        _harmful("C2", "H2", factor),
    )
)
