"""Planted truths: studies whose right verdicts are known, to calibrate the verdicts with.

Each replicate writes trajectories from known constants, powers, stage times and measured scatter
between runs, and takes the way of every study from there: events detected, constants fitted on
calibration cells and widened, claims judged on held-out cells. A plant is one module of
``truths`` that offers ``PLANTS``.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from . import scenarios as truths
from .benign import BenignTruth, benign_study
from .harmful import HarmfulTruth, harmful_study
from .noise import SeedNoise
from .scenario import Kind, Plant, Tally, replicate
from .synthetic import planted_cell

__all__ = [
    "BenignTruth",
    "HarmfulTruth",
    "Kind",
    "Plant",
    "SeedNoise",
    "Tally",
    "all_plants",
    "benign_study",
    "harmful_study",
    "planted_cell",
    "replicate",
]


@cache
def all_plants() -> dict[str, Plant]:
    """Every plant by name.

    >>> len(all_plants()) > 10
    True
    """
    modules = [
        importlib.import_module(f"{truths.__name__}.{module.name}")
        for module in pkgutil.iter_modules(truths.__path__)
    ]
    return {plant.name: plant for module in modules for plant in module.PLANTS}
