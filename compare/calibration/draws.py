"""What the draws of a run do to it, as seen in training, for studies fitted run by run.

Measured on preset ``quick``'s 48 cells for powers, 8 seeds each: class counts, flips and the start
of W_V w_O explain most of the scatter between runs of a cell; `LEFT` is the standard deviation of
what they leave, drawn with the tails of `standard`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ...simulate import Problem
from ..cells import Cell
from ..checks.seed_covariates import flipped_share, head_start, weaker_class
from .noise import standard
from .synthetic import RunDraws, log_steps, synthetic_cell

Array = NDArray[np.float64]

#: Effect of each covariate on the log of a stage time, or of a rate of the decay.
EFFECTS: Mapping[str, Mapping[str, float]] = {
    "T1": {"head start": 1.0},
    "T2": {"weaker class": -0.05},
    "T3": {"weaker class": 0.13, "flipped share": 9.7},
    "k2": {"weaker class": 1.6},
    "k3": {"weaker class": 1.1},
}
#: Standard deviation between runs of what the draws leave.
LEFT: Mapping[str, float] = {"T1": 0.004, "T2": 0.073, "T3": 0.053, "k2": 0.051, "k3": 0.093}


def draw_runs(rng: np.random.Generator, problem: Problem, runs: int) -> RunDraws:
    """Labels as Definition 3.1 draws them, V±(0) normal as a Gaussian W_V makes it.

    Example:
        >>> drawn = draw_runs(np.random.default_rng(0), Problem(n_samples=10, flip_prob=0.2), 4)
        >>> drawn.positive.tolist(), drawn.start.shape
        ([6, 4, 2, 2], (4, 2))
    """
    positive = rng.binomial(problem.n_samples, 0.5, runs)
    return RunDraws(
        positive,
        rng.binomial(positive, problem.flip_prob),
        rng.binomial(problem.n_samples - positive, problem.flip_prob),
        problem.snr * rng.standard_normal((runs, 2)),
    )


def deviations(
    rng: np.random.Generator, cell: Cell, draws: RunDraws, noise: float
) -> dict[str, Array]:
    """Event or rate -> (R,) deviation of its logarithm, by the draws and by what they leave.

    Where a covariate says nothing (one class has no label to spare) it has no effect.

    Args:
        rng: of what the draws leave.
        cell: whose runs these are.
        draws: of these runs.
        noise: factor on all of it.
    """
    unit = np.ones(len(draws.positive))
    times = {"T1": unit, "T2": 2 * unit, "T3": 3 * unit}
    bare = synthetic_cell(cell, "benign", times, log_steps(times), {}, draws=draws)
    explained = {
        "head start": head_start(bare),
        "weaker class": weaker_class(bare),
        "flipped share": flipped_share(bare) - cell.problem.flip_prob,
    }
    return {
        what: noise * (LEFT[what] * standard(rng, unit.size) + _effect(EFFECTS[what], explained))
        for what in EFFECTS
    }


def _effect(effects: Mapping[str, float], explained: Mapping[str, Array]) -> Array:
    total = sum(size * np.nan_to_num(explained[name]) for name, size in effects.items())
    return np.asarray(total)
