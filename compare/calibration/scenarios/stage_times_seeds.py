"""The laws of Jiang 2024 of the stage times with more seeds a cell: when do they come to hold?"""

import numpy as np

from ...cells import Study
from ..benign import BenignTruth
from ..scenario import Kind, Scenario
from ..synthetic import synthetic_study

#: Runs a cell.
SEEDS = (16, 64, 128)


def _scenario(seeds: int) -> Scenario:
    def build(rng: np.random.Generator, noise: float) -> Study:
        return synthetic_study(rng, noise, BenignTruth(form="paper"), runs=seeds)

    statement = f"T1, T2 and T3 follow the laws of Jiang 2024, {seeds} seeds a cell"
    claims = ("B4", "B5", "B6")
    return Scenario(f"times-paper-{seeds}-seeds", Kind.TRUE, claims, statement, build, sized=True)


SCENARIOS = tuple(_scenario(seeds) for seeds in SEEDS)
