"""The recalled laws of the stage times with more seeds a cell: when do they come to hold?"""

import numpy as np

from ...cells import Study
from ..benign import BenignTruth, benign_study
from ..scenario import Kind, Plant

#: Runs a cell.
SEEDS = (16, 64, 128)


def _plant(seeds: int) -> Plant:
    def build(rng: np.random.Generator, noise: float) -> Study:
        return benign_study(rng, noise, BenignTruth(form="paper"), runs=seeds)

    statement = f"T1, T2 and T3 follow the recalled laws, {seeds} seeds a cell"
    claims = ("B4", "B5", "B6")
    return Plant(f"times-paper-{seeds}-seeds", Kind.TRUE, claims, statement, build, sized=True)


PLANTS = tuple(_plant(seeds) for seeds in SEEDS)
