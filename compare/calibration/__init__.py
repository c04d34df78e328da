"""Studies whose right verdicts are known, to calibrate the verdicts with.

Each replicate writes trajectories from known constants, powers, stage times and measured scatter
between runs, and then goes the way of every study: events detected, constants fitted on
calibration cells and widened, claims judged on held-out cells. A module of `scenarios` offers
``SCENARIOS``.
"""

from __future__ import annotations

from ..._registry import discover
from .benign import BenignTruth
from .harmful import HarmfulTruth
from .noise import SeedNoise
from .scenario import Kind, Scenario, Tally, replicate
from .synthetic import synthetic_cell, synthetic_study

__all__ = [
    "BenignTruth",
    "HarmfulTruth",
    "Kind",
    "Scenario",
    "SeedNoise",
    "Tally",
    "all_scenarios",
    "replicate",
    "synthetic_cell",
    "synthetic_study",
]


def all_scenarios() -> dict[str, Scenario]:
    """Every scenario by name.

    >>> len(all_scenarios()) > 10
    True
    """
    modules = discover(f"{__name__}.scenarios", "SCENARIOS", tuple)
    return {scenario.name: scenario for scenarios in modules.values() for scenario in scenarios}
