"""Paired cells: two cells that differ in one setting of the model, to test that it has no effect.

Each plain cell, with isotropic noise and a frozen w_O, has a twin with noise projected off the
signals and a twin that trains w_O. Benign cells are inside Assumption 4.1, with a target loss of
0.3, at which d_h and the number of steps are small; harmful cells are outside it, as in preset
``quick``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .....simulate import Problem
from ....cells import Cell, Role
from ._problems import free_problem, inside_problem

_CAL, _OUT = Role.CALIBRATION, Role.HELD_OUT
_TARGET, _KEY = 0.3, 0.9
#: Name, role, N, SNR and other settings of each cell.
_BENIGN: tuple[tuple[str, Role, int, float, Mapping[str, Any]], ...] = (
    ("cal-1", _CAL, 20, 1.0, {}),
    ("cal-2", _CAL, 20, 1.1, {"flip_prob": 0.0}),
    ("cal-3", _CAL, 22, 0.95, {"flip_prob": 0.15}),
    ("cal-4", _CAL, 22, 1.0, {"value": 0.8}),
    ("out-1", _OUT, 21, 1.0, {}),
    ("out-2", _OUT, 22, 1.1, {"rate": 0.7}),
    ("out-3", _OUT, 22, 0.92, {}),
    ("out-4", _OUT, 20, 1.05, {"flip_prob": 0.05}),
)
_HARMFUL: tuple[tuple[str, Role, int, float, Mapping[str, Any]], ...] = (
    ("cal-1", _CAL, 20, 0.05, {}),
    ("cal-2", _CAL, 20, 0.05, {"flip_prob": 0.0}),
    ("cal-3", _CAL, 12, 0.05, {}),
    ("cal-4", _CAL, 20, 0.05, {"dim": 10**6}),
    ("out-1", _OUT, 20, 0.04, {}),
    ("out-2", _OUT, 16, 0.05, {"flip_prob": 0.0}),
    ("out-3", _OUT, 20, 0.05, {"dim": 10**5, "flip_prob": 0.03}),
    ("out-4", _OUT, 24, 0.05, {}),
)
#: The setting each kind of twin changes.
_CHANGES: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "orthogonal": {"noise": "orthogonal"},
    "trained": {"train_output": True},
}
#: Runs per cell, which gives 128 held-out runs a side; to hold, a claim needs 59 runs without a
#: violation, or 93 with one.
SEEDS = 32


def twin_cells(regime: str, change: str) -> tuple[Cell, ...]:
    """The plain cells of a regime, then their twins.

    Args:
        regime: ``"benign"`` or ``"harmful"``.
        change: ``"orthogonal"`` or ``"trained"``.

    Example:
        >>> cells = twin_cells("benign", "orthogonal")
        >>> len(cells), cells[0].name, cells[8].name, cells[8].problem.noise
        (16, 'twin-b-cal-1-plain', 'twin-b-cal-1-orthogonal', 'orthogonal')
    """
    rows = _BENIGN if regime == "benign" else _HARMFUL
    make = _benign if regime == "benign" else _harmful
    return tuple(
        make(f"twin-{regime[0]}-{name}-{which}", role, n, snr, rest, _CHANGES[which])
        for which in ("plain", change)
        for name, role, n, snr, rest in rows
    )


def _benign(
    name: str, role: Role, n: int, snr: float, rest: Mapping[str, Any], change: Mapping[str, Any]
) -> Cell:
    problem = inside_problem(n, snr, _TARGET, **rest).replace(**change)
    return _cell(name, role, problem, round(90.0 / problem.learning_rate))


def _harmful(
    name: str, role: Role, n: int, snr: float, rest: Mapping[str, Any], change: Mapping[str, Any]
) -> Cell:
    settings = {"dim": 10_000, "flip_prob": 0.05, **rest}
    problem = free_problem(
        n, snr, settings["dim"], 2_500, learning_rate=0.1, target_loss=0.2,
        flip_prob=settings["flip_prob"],
    ).replace(**change)  # fmt: skip
    return _cell(name, role, problem, round(30.0 * n / problem.learning_rate))


def _cell(name: str, role: Role, problem: Problem, steps: int) -> Cell:
    note = f"N = {problem.n_samples}, SNR = {problem.snr:.3g}, p = {problem.flip_prob:g}"
    return Cell(name, role, "twin", problem, steps, note, seeds=SEEDS)
