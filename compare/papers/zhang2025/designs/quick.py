"""Preset ``quick``: about two minutes on two cores, most benign cells inside Assumption 4.1.

Harmful cells inside it need millions of steps each (the learning rate's cap falls with SNR²), so
the harmful cells are outside and their verdicts say so; preset ``theory`` has some inside.
"""

from __future__ import annotations

from typing import Any

from ....cells import Cell, Role
from ....design import Design
from ._boundary_cells import boundary_cells, deep_cells, ladder_cells
from ._limit_cells import limit_cells
from ._power_cells import power_cells
from ._problems import free_problem, inside_problem, ladder, stage_cell

_CAL, _OUT = Role.CALIBRATION, Role.HELD_OUT


def _inside(
    name: str, role: Role, steps: int, note: str, n: int, snr: float = 1.0, **rest: Any
) -> Cell:
    """A benign cell inside Assumption 4.1; ε = 0.2 by default."""
    target = rest.pop("target_loss", 0.2)
    return stage_cell(name, role, steps, note, inside_problem(n, snr, target, **rest))


def _harmful(
    name: str, role: Role, steps: int, note: str, n: int = 20, snr: float = 0.05, **rest: Any
) -> Cell:
    """A harmful cell; d = 10⁴, d_h = 2500, p = 0.05 and ε = 0.2 by default."""
    width, dim = rest.pop("key_dim", 2_500), rest.pop("dim", 10_000)
    settings = {"learning_rate": 0.02, "target_loss": 0.2, "flip_prob": 0.05, **rest}
    return stage_cell(name, role, steps, note, free_problem(n, snr, dim, width, **settings))


_KNOWN = free_problem(20, 1.0, 2 * 10**9, 41_000, learning_rate=0.004, target_loss=0.1, key=0.9)
_HARSH = free_problem(20, 1.0, 10**6, 10_000, learning_rate=0.02, target_loss=0.1)

_BENIGN = (
    _inside("b-cal-base", _CAL, 10_000, "base", 22),
    _inside("b-cal-slow", _CAL, 20_000, "half the learning rate", 22, rate=0.5),
    _inside("b-cal-clean", _CAL, 8_000, "no flips", 24, flip_prob=0.0),
    _inside("b-cal-flips", _CAL, 20_000, "p = 0.2", 24, flip_prob=0.2),
    _inside("b-cal-weak", _CAL, 20_000, "SNR = 0.85", 24, 0.85),
    _inside("b-cal-strong", _CAL, 20_000, "SNR = 1.2", 24, 1.2),
    _inside("b-cal-wide", _CAL, 12_000, "0.9 of the value cap", 24, value=0.9),
    _inside("b-cal-long", _CAL, 40_000, "target loss 0.1", 24, target_loss=0.1),
    _inside("b-tight", _OUT, 40_000, "target loss 0.1, N = 25", 25, target_loss=0.1),
    _inside("b-slow", _OUT, 30_000, "a third of the learning rate", 22, rate=0.33),
    _inside("b-clean", _OUT, 8_000, "no flips, N = 28", 28, flip_prob=0.0),
    _inside("b-flips", _OUT, 16_000, "p = 0.15", 26, flip_prob=0.15),
    _inside("b-weak", _OUT, 25_000, "SNR = 0.8", 26, 0.8),
    _inside("b-strong", _OUT, 25_000, "SNR = 1.3", 26, 1.3),
    _inside("b-deep", _OUT, 15_000, "d 500 times larger", 28, dim_factor=500),
    _inside("b-small-value", _OUT, 12_000, "a tenth of the value cap", 24, value=0.1),
    _inside("b-large-value", _OUT, 12_000, "the value cap itself", 24, value=0.99),
    _inside("b-output", _OUT, 8_000, "output norm 2", 24, output_norm=2.0),
    _inside("b-sure", _OUT, 40_000, "failure probability 1e-9: L doubles", 24, fail_prob=1e-9),
    # each differs from a cell above in p alone
    _inside("b-clean-flips", _OUT, 16_000, "b-clean with p = 0.1", 28),
    _inside(
        "b-small-clean", _OUT, 8_000, "b-small-value without flips", 24, value=0.1, flip_prob=0.0
    ),
    _inside(
        "b-output-clean", _OUT, 4_000, "b-output without flips", 24, output_norm=2.0, flip_prob=0.0
    ),
    stage_cell("b-known", _OUT, 40_000, "d = 2e9 but N = 20 < log d: outside item 2", _KNOWN),
    stage_cell("b-harsh", _OUT, 20_000, "d = 1e6: far outside item 1", _HARSH),
)

_HARMFUL = (
    _harmful("h-cal-base", _CAL, 30_000, "base"),
    _harmful("h-cal-slow", _CAL, 50_000, "no flips, slow", learning_rate=0.01, flip_prob=0.0),
    _harmful("h-cal-few", _CAL, 20_000, "N = 12", 12),
    _harmful("h-cal-flips", _CAL, 30_000, "p = 0.1", flip_prob=0.1),
    _harmful("h-cal-deep", _CAL, 30_000, "d = 1e6", dim=10**6),
    _harmful("h-clean", _OUT, 30_000, "no flips, d = 2e4", dim=20_000, flip_prob=0.0),
    _harmful("h-few-flips", _OUT, 30_000, "p = 0.03, d = 3e4", dim=30_000, flip_prob=0.03),
    _harmful("h-slow", _OUT, 40_000, "smaller learning rate", learning_rate=0.015),
    _harmful("h-few", _OUT, 20_000, "N = 10, no flips", 10, flip_prob=0.0),
    _harmful("h-many", _OUT, 40_000, "N = 28", 28),
    _harmful("h-weaker", _OUT, 30_000, "SNR = 0.02", snr=0.02),
    _harmful("h-deep", _OUT, 30_000, "d = 1e8", dim=10**8),
    _harmful("h-small-value", _OUT, 30_000, "a tenth of the value cap", value=0.1),
    _harmful("h-wide-keys", _OUT, 40_000, "d_h = 1e4, no flips", key_dim=10_000, flip_prob=0.0),
    _harmful("h-known", _OUT, 40_000, "p = 0.1, target loss 0.1: the stage-3 bound is empty",
             key_dim=10_000, flip_prob=0.1, target_loss=0.1),
)  # fmt: skip

_LADDER = ladder() + ladder_cells(44)

DESIGN = Design(
    name="quick",
    description="two minutes on two cores; benign cells inside Assumption 4.1 from d = 2e8 to 2e11",
    cells={
        "benign": _BENIGN + _LADDER + power_cells(48) + boundary_cells(44) + limit_cells(),
        "harmful": _HARMFUL + _LADDER + deep_cells(),
    },
    seeds=8,
    log_at="geometric:96",
)
