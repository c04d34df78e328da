"""Held-out runs scattered about constants twice beyond those they are judged with."""

from dataclasses import replace

from ...cells import Study
from ...fitting.constants import fit_constants
from ..benign import BenignTruth
from ..harmful import HarmfulTruth
from ..scenario import Kind, Scenario
from ..synthetic import synthetic_study

#: How far beyond the judged constant.
BEYOND = 2.0

_BENIGN, _HARMFUL = BenignTruth(), HarmfulTruth()


def _widened(study: Study) -> dict[str, float]:
    return fit_constants(study).constants.widened()


def _c2(study: Study) -> BenignTruth:
    return replace(_BENIGN, C2=BEYOND * _widened(study)["C2"])


def _k2(study: Study) -> BenignTruth:
    judged = _widened(study)
    return replace(_BENIGN, C2=judged["C2"], k2=judged["k2"] / BEYOND, settled=("C2",))


def _k3(study: Study) -> BenignTruth:
    judged = _widened(study)
    k3 = judged["k3"] / BEYOND
    return replace(_BENIGN, C2=judged["C2"], k2=judged["k2"], k3=k3, settled=("C2", "k2"))


def _harmful_c1(study: Study) -> HarmfulTruth:
    return replace(_HARMFUL, C1=BEYOND * _widened(study)["C1"])


def _harmful_c2(study: Study) -> HarmfulTruth:
    return replace(_HARMFUL, C2=BEYOND * _widened(study)["C2"])


SCENARIOS = (
    Scenario(
        "c2-beyond-judged", Kind.VIOLATED, ("B1", "B2"),
        "C2 of held-out cells is twice the judged one",
        lambda rng, noise: synthetic_study(rng, noise, _BENIGN, _c2),
    ),
    Scenario(
        "k2-beyond-judged", Kind.VIOLATED, ("B2",),
        "k2 of held-out cells is half the judged one, C2 the judged one in every run",
        lambda rng, noise: synthetic_study(rng, noise, _BENIGN, _k2),
    ),
    Scenario(
        "k3-beyond-judged", Kind.VIOLATED, ("B3",),
        "k3 of held-out cells is half the judged one, C2 and k2 the judged ones in every run",
        lambda rng, noise: synthetic_study(rng, noise, _BENIGN, _k3),
    ),
    Scenario(
        "h1-beyond-judged", Kind.VIOLATED, ("H1",),
        "C1 of held-out cells is twice the judged one",
        lambda rng, noise: synthetic_study(rng, noise, _HARMFUL, _harmful_c1),
    ),
    Scenario(
        "h2-beyond-judged", Kind.VIOLATED, ("H2",),
        "C2 of held-out cells is twice the judged one",
        lambda rng, noise: synthetic_study(rng, noise, _HARMFUL, _harmful_c2),
    ),
    Scenario(
        "h3-half-the-floor", Kind.VIOLATED, ("H3", "H6"),
        "test_loss at T3 is half the constant it should be above",
        lambda rng, noise: synthetic_study(
            rng, noise, _HARMFUL, replace(_HARMFUL, level=0.23704 / BEYOND)
        ),
    ),
)  # fmt: skip
