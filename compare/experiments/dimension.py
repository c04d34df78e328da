"""Ours: the boundaries of test_loss and of test_error over d, side by side.

As d grows at fixed N, N·SNR² = C stays where it is and N·d·SNR⁴ = C sinks as 1/√d. The first is
expected for test_loss at any scale of W_V, the second for test_error where W_V w_O is what was
learned; with sigma_V a fixed part of its cap it is dominated by its start and test_error stops
to depend on d.
"""

from __future__ import annotations

import math

from ..presets.design import free_problem
from ..study import Cell, Role
from .experiment import CHOSEN, Experiment, Setting

#: sigma_V as a part of its cap, one row of panels each.
SCALES = (0.001, 0.1)
DIMS = {
    "quick": (400, 10**4, 3 * 10**5, 10**7),
    "paper": tuple(round(400 * 25_000 ** (k / 9)) for k in range(10)),
}
#: N·SNR².
LEVELS = {
    "quick": tuple(float(f"{0.003 * 2000 ** (k / 8):.3g}") for k in range(9)),
    "paper": tuple(float(f"{0.003 * 2000 ** (k / 15):.3g}") for k in range(16)),
}
_SAMPLES, _KEY_DIM, _FLIPS, _RATE, _TARGET, _STEPS = 20, 10_000, 0.1, 0.4, 0.1, 1_800


def _cells(preset: str) -> tuple[Cell, ...]:
    cells = []
    for scale in SCALES:
        for dim in DIMS[preset]:
            for level in LEVELS[preset]:
                problem = free_problem(
                    _SAMPLES, math.sqrt(level / _SAMPLES), dim, _KEY_DIM,
                    learning_rate=_RATE, target_loss=_TARGET, flip_prob=_FLIPS, value=scale,
                )  # fmt: skip
                name = f"dimension-value{scale:g}-d{dim}-level{level:g}"
                note = f"d = {dim:g}, N·SNR² = {level:g}, sigma_V {scale:g} of its cap"
                cells.append(
                    Cell(name, Role.HELD_OUT, "dimension", problem, _STEPS, note, f"every:{_STEPS}")
                )
    return tuple(cells)


def _settings(preset: str, seeds: int) -> tuple[Setting, ...]:
    rows = {
        "N": f"{_SAMPLES}",
        "d": f"{len(DIMS[preset])} values from 400 to 1e7",
        "N·SNR²": f"{len(LEVELS[preset])} values from 0.003 to 6",
        "d_h": f"{_KEY_DIM:,} at every d",
        "unit of length": "the longer of mu and sigma_p sqrt(d) is 1 at every d",
        "learning rate; target loss": f"{_RATE:g}; {_TARGET:g}",
        "sigma_V": "0.001 or 0.1 of its cap, item 6 of Assumption 4.1",
        "sigma_h": "d_h^(-1/4) L^(-0.76), within item 7",
        "initialisation": "Gaussian, sampled; w_O frozen",
        "flip probability": f"{_FLIPS:g}",
        "steps": f"{_STEPS:,}",
        "cut-off": "half-way from the best value to chance",
        "repeats": f"{seeds}",
    }
    return tuple(Setting(what, value, CHOSEN) for what, value in rows.items())


SEEDS = {"quick": 4, "paper": 20}

EXPERIMENT = Experiment(
    name="dimension",
    title="The boundaries of test loss and test error over d",
    source="not in the paper",
    settings={preset: _settings(preset, seeds) for preset, seeds in SEEDS.items()},
    cells={preset: _cells(preset) for preset in SEEDS},
    seeds=SEEDS,
    claims=("X1", "X2", "X6"),
)
