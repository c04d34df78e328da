"""Preset ``theory``: as far inside Assumption 4.1 as a laptop gets in under an hour.

Twice the seeds of ``quick``, longer benign runs, and harmful cells inside the assumptions:
there the learning rate's cap falls with SNR², so each takes about 6 million steps.
"""

from __future__ import annotations

from ....cells import Cell, Role
from ....design import Design
from ._boundary_cells import boundary_cells, ladder_cells
from ._power_cells import power_cells
from ._problems import inside_problem, stage_cell
from .quick import DESIGN as QUICK

_CAL, _OUT = Role.CALIBRATION, Role.HELD_OUT


def _harmful(name: str, role: Role, note: str, n: int, snr: float, flip_prob: float) -> Cell:
    problem = inside_problem(n, snr, 0.2, flip_prob=flip_prob, rate=0.99)
    # in units of N/(η σ_p² d w²), T2 comes at 5.5 and train_loss 0.2 at about 8
    steps = round(11.0 * n * snr**2 / problem.learning_rate)
    return stage_cell(name, role, steps, note, problem)


_BENIGN = (
    stage_cell("t-cal-low", _CAL, 150_000, "target loss 0.05", inside_problem(27, 1.0, 0.05)),
    stage_cell("t-low", _OUT, 150_000, "target loss 0.05, p = 0.05",
               inside_problem(28, 1.0, 0.05, flip_prob=0.05)),
    stage_cell("t-weak", _OUT, 120_000, "SNR = 0.6", inside_problem(30, 0.6, 0.2)),
)  # fmt: skip

# T1 needs N·SNR² < 1/(3(1-2p)); four held-out cells of 16 runs can decide a claim inside.
_HARMFUL = (
    _harmful("t-cal-harmful", _CAL, "inside, no flips", 31, 0.10, 0.0),
    _harmful("t-harmful", _OUT, "inside, p = 0.05", 32, 0.095, 0.05),
    _harmful("t-harmful-clean", _OUT, "inside, no flips", 32, 0.10, 0.0),
    _harmful("t-harmful-few", _OUT, "inside, p = 0.03", 31, 0.102, 0.03),
    _harmful("t-harmful-weak", _OUT, "inside, SNR = 0.09", 32, 0.09, 0.02),
)

_LADDER = ladder_cells(88)
_ADDED = {
    "benign": power_cells(72) + _LADDER + boundary_cells(88),
    "harmful": _LADDER,
}


def _with_quick(regime: str, own: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """The cells of this preset, quick's, and cells of the larger designs that quick leaves out."""
    return tuple(dict.fromkeys(own + QUICK.cells[regime] + _ADDED[regime]))


DESIGN = Design(
    name="theory",
    description="quick's cells with 16 seeds, and harmful cells inside; under an hour",
    cells={
        "benign": _with_quick("benign", _BENIGN),
        "harmful": _with_quick("harmful", _HARMFUL),
    },
    seeds=16,
    log_at="geometric:128",
)
