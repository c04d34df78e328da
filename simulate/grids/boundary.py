"""Grid ``boundary``: N × SNR × d with a sampled start, for the laws N^a·SNR^b·d^c = C.

Such a law must state how everything else scales. Here the longer token has length 1 in every cell
(μ = min(1, SNR), σ_p√d = μ/SNR), d_h = 10⁴ and the learning rate are fixed, and σ_V and σ_h are
fixed fractions, 0.1 and 0.15, of d_h^(-1/4), the cap in items 6 and 7 of Assumption 4.1 at that
length. So only N, SNR and d vary.
"""

from __future__ import annotations

import math
from typing import Any

from ..problem import Problem
from ..sweep import Sweep
from ._grid import Grid, product_cells

_KEY_DIM = 10_000
_CAP = _KEY_DIM**-0.25


def _problem(n_samples: int, snr: float, dim: int) -> Problem:
    signal_norm = min(1.0, snr)
    return Problem(
        n_samples=n_samples,
        dim=dim,
        key_dim=_KEY_DIM,
        signal_norm=signal_norm,
        noise_std=signal_norm / (snr * math.sqrt(dim)),
        flip_prob=0.1,
        learning_rate=0.05,
        init_std_qk=0.15 * _CAP,
        init_std_v=0.1 * _CAP,
        target_loss=0.1,
    )


def _sweep(counts: list[int], snrs: list[float], dims: list[int], seeds: int, steps: int) -> Sweep:
    axes: dict[str, list[Any]] = {"n_samples": counts, "snr": snrs, "dim": dims}
    return Sweep("boundary", product_cells(axes, _problem), seeds, steps)


#: Sixteen signal-to-noise ratios, evenly spaced on a log scale.
_SNRS = [round(0.02 * 75.0 ** (rank / 15), 4) for rank in range(16)]

GRID = Grid(
    name="boundary",
    description="N × SNR × d, sampled start, unit token length, fixed d_h; p = 0.1",
    presets={
        "quick": _sweep([8, 16], [0.05, 0.2, 0.8], [400, 10**5], seeds=4, steps=2_000),
        "paper": _sweep(
            [8, 12, 16, 20, 24, 28], _SNRS, [400, 10**4, 10**6], seeds=20, steps=16_000
        ),
    },
)
