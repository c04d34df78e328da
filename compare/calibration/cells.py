"""The cells of synthetic studies: problems of the presets and of `inside_problem`."""

from __future__ import annotations

from functools import cache

from ...simulate import Problem
from ...theory import AssumptionReport, check_assumptions
from ..cells import Cell, Role, theory_values
from ..papers.zhang2025.designs import get_design
from ..papers.zhang2025.designs._problems import inside_problem, stage_cell

#: Runs a cell, those of preset ``quick``.
RUNS = 8

#: (N, SNR, p) of harmful cells inside Assumption 4.1 in which stage 3 says something: p < 0.0637.
_HARMFUL_CALIBRATION = ((31, 0.10, 0.0), (32, 0.09, 0.03), (33, 0.095, 0.05), (31, 0.095, 0.02))
_HARMFUL_HELD_OUT = (
    (31, 0.09, 0.0), (31, 0.102, 0.03), (32, 0.095, 0.05), (32, 0.10, 0.0), (33, 0.09, 0.02),
    (33, 0.10, 0.03), (34, 0.09, 0.05), (34, 0.095, 0.0), (35, 0.09, 0.04), (35, 0.095, 0.05),
)  # fmt: skip


@cache
def benign_cells() -> tuple[Cell, ...]:
    """The stage cells of preset ``quick``: 8 calibration cells, 14 held out inside, 2 outside.

    >>> cells = benign_cells()
    >>> len(cells), sum(assumptions_of(cell.problem).holds for cell in cells)
    (24, 22)
    """
    return _stage_cells("benign")


@cache
def harmful_cells() -> tuple[Cell, ...]:
    """4 calibration cells and 10 held out, all inside Assumption 4.1; never trained here.

    >>> cells = harmful_cells()
    >>> len(cells), all(assumptions_of(cell.problem).holds for cell in cells)
    (14, True)
    """
    cells = []
    for role, label, numbers in (
        (Role.CALIBRATION, "cal", _HARMFUL_CALIBRATION),
        (Role.HELD_OUT, "out", _HARMFUL_HELD_OUT),
    ):
        for rank, (n, snr, p) in enumerate(numbers, start=1):
            problem = inside_problem(n, snr, 0.2, flip_prob=p, rate=0.99)
            cells.append(stage_cell(f"synthetic-{label}-{rank}", role, 1, "", problem))
    return tuple(cells)


@cache
def outside_cells() -> tuple[Cell, ...]:
    """The harmful stage cells of preset ``quick``, all outside Assumption 4.1.

    >>> any(assumptions_of(cell.problem).holds for cell in outside_cells())
    False
    """
    return _stage_cells("harmful")


@cache
def assumptions_of(problem: Problem) -> AssumptionReport:
    """Assumption 4.1 at a problem's numbers, C = 1."""
    return check_assumptions(theory_values(problem))


def _stage_cells(regime: str) -> tuple[Cell, ...]:
    return tuple(cell for cell in get_design("quick").cells[regime] if cell.kind == "stage")
