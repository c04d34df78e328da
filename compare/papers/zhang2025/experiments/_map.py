"""The map over N and the signal norm, shown in three of the paper's figures."""

from __future__ import annotations

import math
from typing import Any

from .....simulate import Problem
from ....cells import Cell
from ._cells import FEW_STEPS, end_cell, paper_problem

KIND = "heatmap"
#: The flip probabilities of figures 2 and 3.
FLIP_PROBS = (0.0, 0.1, 0.2)
#: N from 2 to 20 and signal norms from 1 to 100, about evenly spaced on a log scale.
COUNTS = {
    "quick": (2, 4, 8, 12, 20),
    "paper": (2, 3, 4, 5, 6, 8, 10, 12, 14, 17, 20),
    "jiang": (2, 3, 4, 5, 6, 8, 10, 12, 14, 17, 20),
}
NORMS = {
    "quick": tuple(float(f"{100 ** (rank / 11):.2g}") for rank in range(12)),
    "paper": tuple(float(f"{100 ** (rank / 39):.3g}") for rank in range(40)),
    "jiang": tuple(float(f"{100 ** (rank / 39):.3g}") for rank in range(40)),
}

#: Jiang's experiment, reduced to two tokens: the strong noise token is kept.
JIANG_DIM, JIANG_STD, JIANG_STEPS, JIANG_RATE = 1024, 4.0, 1_000, 0.1


def map_cells(preset: str) -> tuple[Cell, ...]:
    """The whole map, at every flip probability of the preset.

    Example:
        >>> [len(map_cells(preset)) for preset in ("quick", "paper", "jiang")]
        [180, 1320, 1320]
    """
    if preset == "jiang":
        return tuple(
            end_cell(
                KIND,
                _name(n, norm, p, JIANG_STD),
                jiang_problem(n, norm, flip_prob=p),
                JIANG_STEPS,
            )
            for p in FLIP_PROBS
            for n in COUNTS[preset]
            for norm in NORMS[preset]
        )
    return tuple(
        map_cell(n, norm, p) for p in FLIP_PROBS for n in COUNTS[preset] for norm in NORMS[preset]
    )


def map_cell(
    n_samples: int, norm: float, flip_prob: float, noise_std: float = 2.0, kind: str = KIND
) -> Cell:
    """One point of the map at the paper's scale."""
    problem = paper_problem(n_samples, norm, flip_prob, noise_std=noise_std)
    return end_cell(kind, _name(n_samples, norm, flip_prob, noise_std), problem, FEW_STEPS)


def jiang_problem(n_samples: int, norm: float, **changes: Any) -> Problem:
    """Jiang's experiment at one N and signal norm, with one noise token of standard deviation 4.

    Its weights start from a uniform law at PyTorch's default over 16; here they start from a
    Gaussian of the same standard deviation, so that the start can be sampled.

    Example:
        >>> problem = jiang_problem(10, 64.0)
        >>> problem.n_samples * problem.signal_norm**2, round(10 * problem.snr**2, 2)
        (40960.0, 2.5)
    """
    scale = 1 / math.sqrt(3 * JIANG_DIM) / 16
    fields: dict[str, Any] = {
        "n_samples": n_samples,
        "dim": JIANG_DIM,
        "signal_norm": float(norm),
        "noise_std": JIANG_STD,
        "learning_rate": JIANG_RATE,
        "init_std_qk": scale,
        "init_std_v": scale,
        "output_norm": 1 / math.sqrt(3),
        "noise": "orthogonal",
        "target_loss": 0.01,
        "test_tokens": 100,
        "dtype": "float32",
    }
    return Problem(**{**fields, **changes})


def _name(n_samples: int, norm: float, flip_prob: float, noise_std: float) -> str:
    return f"map-p{flip_prob:g}-std{noise_std:g}-N{n_samples}-mu{norm:g}"
