"""The stage bounds and deadlines as equalities, scattered between runs."""

from ..benign import BenignTruth
from ..harmful import HarmfulTruth
from ..scenario import Kind, Scenario
from ..synthetic import synthetic_study

SCENARIOS = (
    Scenario(
        "benign-bounds", Kind.TRUE, ("B1", "B2", "B3", "B7"),
        "excess and T3 follow the bounds of Theorem 4.2 at one set of constants",
        lambda rng, noise: synthetic_study(rng, noise, BenignTruth(form="paper")),
    ),
    Scenario(
        "harmful-bounds", Kind.TRUE, ("H1", "H2", "H3", "H5", "H6"),
        "error, loss and T3 follow the bounds of Theorem 4.3 at one set of constants",
        lambda rng, noise: synthetic_study(rng, noise, HarmfulTruth()),
    ),
)  # fmt: skip
