"""Grid ``heatmap``: N × signal norm at the paper's experimental scale (§6, figures 2 and 3).

Stated there and used: N 2 … 20, signal norms 1 … 100, widths 512, PyTorch's default
initialisation, w_O trained, "noise variance 4" read as noise_std 2, 20 repeats, 2,000 steps. Not
stated, so chosen here: flip probability 0.1, the learning rate 4/max(μ², σ_p²d), 1,000 test
tokens per run, and float32, in which PyTorch trains by default. A run ends when its training loss
is 0.01; start and end are logged. A sweep file gives other flip probabilities.
"""

from __future__ import annotations

from typing import Any

from ..problem import Problem
from ..sweep import Sweep
from ._grid import Grid, product_cells

_NOISE_STD = 2.0


def _problem(n_samples: int, signal_norm: float, width: int) -> Problem:
    longest = max(signal_norm**2, _NOISE_STD**2 * width)
    return Problem(
        n_samples=n_samples,
        dim=width,
        key_dim=width,
        value_dim=width,
        signal_norm=signal_norm,
        noise_std=_NOISE_STD,
        flip_prob=0.1,
        learning_rate=4.0 / longest,
        init="torch-default",
        train_output=True,
        target_loss=0.01,
        stop_at_target=True,
        test_tokens=1000,
        start="materialised",
        dtype="float32",
    )


def _sweep(counts: range, norms: range, width: int, seeds: int, steps: int) -> Sweep:
    axes: dict[str, list[Any]] = {
        "n_samples": list(counts),
        "signal_norm": [float(norm) for norm in norms],
    }
    cells = product_cells(axes, lambda **values: _problem(**values, width=width))
    return Sweep("heatmap", cells, seeds, steps, log_at=f"every:{steps}")


GRID = Grid(
    name="heatmap",
    description="N × signal norm at the paper's widths, initialisation and noise; p = 0.1",
    presets={
        "quick": _sweep(range(4, 21, 8), range(10, 91, 20), width=64, seeds=4, steps=300),
        "paper": _sweep(range(2, 21, 2), range(1, 101), width=512, seeds=20, steps=2_000),
    },
)
