"""The least favourable truth of a scaling: cells spread by exactly the factor allowed."""

from ...cells import Role
from ...thresholds import STAGE_TIME_SPREAD
from ..benign import BenignTruth
from ..cells import benign_cells
from ..scenario import Kind, Scenario
from ..synthetic import synthetic_study

_EVENTS = ("T1", "T2", "T3")
#: Every other held-out cell is late by the factor allowed.
_LATE = {
    cell.name: BenignTruth(form="paper", stretch=dict.fromkeys(_EVENTS, STAGE_TIME_SPREAD))
    for cell in [cell for cell in benign_cells() if cell.role is Role.HELD_OUT][::2]
}

SCENARIOS = (
    Scenario(
        "times-edge", Kind.EDGE, ("B4", "B5", "B6"),
        "half of the cells are late by exactly the factor of 2 that is allowed",
        lambda rng, noise: synthetic_study(rng, noise, BenignTruth(form="paper"), by_name=_LATE),
    ),
)  # fmt: skip
