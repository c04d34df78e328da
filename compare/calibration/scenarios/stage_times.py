"""Stage times that follow the laws of Jiang 2024, or the derived ones."""

from ..benign import BenignTruth
from ..scenario import Kind, Scenario
from ..synthetic import synthetic_study

SCENARIOS = (
    Scenario(
        "times-paper", Kind.TRUE, ("B4", "B5", "B6"),
        "T1, T2 and T3 follow the laws of Jiang 2024",
        lambda rng, noise: synthetic_study(rng, noise, BenignTruth(form="paper")),
    ),
    Scenario(
        "times-derived", Kind.TRUE, ("B4d", "B5d", "B6d"),
        "T1, T2 and T3 follow the derived laws",
        lambda rng, noise: synthetic_study(rng, noise, BenignTruth(form="derived")),
    ),
)  # fmt: skip
