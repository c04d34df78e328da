"""Bounds that are true and say nothing."""

from dataclasses import replace

from ..benign import BenignTruth
from ..cells import harmful_cells
from ..harmful import HarmfulTruth
from ..scenario import Kind, Scenario
from ..synthetic import synthetic_study

#: Flips at which the Bayes floor lies above the bound of stage 3.
_FLIPPED = tuple(
    replace(cell, trained=cell.problem.replace(flip_prob=0.07)) for cell in harmful_cells()
)

SCENARIOS = (
    Scenario(
        "vacuous-start", Kind.VACUOUS, ("B1",),
        "an excess of one half until T1: the widened constant bounds nothing",
        lambda rng, noise: synthetic_study(rng, noise, BenignTruth(C2=0.5)),
    ),
    Scenario(
        "vacuous-floor", Kind.VACUOUS, ("H6",),
        "so many flips that the Bayes floor lies above the lower bound",
        lambda rng, noise: synthetic_study(rng, noise, HarmfulTruth(), cells=_FLIPPED),
    ),
)  # fmt: skip
