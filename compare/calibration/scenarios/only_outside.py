"""Claims that fail, in cells outside Assumption 4.1 only."""

from dataclasses import replace

from ..cells import outside_cells
from ..harmful import HarmfulTruth
from ..scenario import Kind, Scenario
from ..synthetic import synthetic_study

_TRUTH = HarmfulTruth()
_BROKEN = replace(_TRUTH, C1=16 * _TRUTH.C1, C2=64 * _TRUTH.C2, level=0.1, stretch=8.0)
_CELLS = tuple(
    replace(cell, trained=cell.problem.replace(flip_prob=min(cell.problem.flip_prob, 0.05)))
    for cell in outside_cells()
)

SCENARIOS = (
    Scenario(
        "only-outside", Kind.OUTSIDE, ("H1", "H2", "H3", "H5", "H6"),
        "every bound broken in every held-out cell, none of which meets Assumption 4.1",
        lambda rng, noise: synthetic_study(rng, noise, _TRUTH, _BROKEN, cells=_CELLS),
    ),
)  # fmt: skip
