"""Powers of the exponents and of the stage times, as the laws say and a little off."""

from functools import partial

from ..benign import BenignTruth
from ..resolution import NUMBERS, OFF, STRETCH, power_study
from ..scenario import Kind, Scenario

_OFF = tuple(
    Scenario(
        f"powers-off-{number}", Kind.VIOLATED, ("B11",),
        f"the decay carries {number}^{OFF:g} beyond the bounds' powers",
        partial(power_study, truth=BenignTruth(tilt={number: OFF})),
    )
    for number in NUMBERS
)  # fmt: skip
_TIMES_OFF = tuple(
    Scenario(
        f"{event}-off", Kind.VIOLATED, (claim,),
        f"{event} follows the law of Jiang 2024 to the power {STRETCH:g}: every power 20% off",
        partial(power_study, truth=BenignTruth(form="paper", power={event: STRETCH})),
    )
    for event, claim in (("T1", "B4"), ("T2", "B5"), ("T3", "B6"))
)  # fmt: skip

SCENARIOS = (
    Scenario(
        "powers-bounds", Kind.TRUE, ("B11",),
        "the excess decays with the powers in the bounds",
        partial(power_study, truth=BenignTruth()),
    ),
    Scenario(
        "powers-paper", Kind.TRUE, ("B4", "B5", "B6"),
        "T1, T2 and T3 of the cells for powers follow the laws of Jiang 2024",
        partial(power_study, truth=BenignTruth(form="paper")),
    ),
    Scenario(
        "powers-derived", Kind.TRUE, ("B4d", "B5d"),
        "T1 and T2 of the cells for powers follow the derived laws",
        partial(power_study, truth=BenignTruth(form="derived")),
    ),
    *_OFF,
    *_TIMES_OFF,
)  # fmt: skip
