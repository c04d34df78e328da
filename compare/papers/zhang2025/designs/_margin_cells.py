"""Cells trained until the median test margin is well beyond log((1-p)/p), for R6.

Benign cells inside Assumption 4.1 with a target loss of 0.3, at which d_h is small and the learning
rate's cap high, so that they take a second or two.
"""

from __future__ import annotations

from ....cells import Cell, Role
from ._problems import inside_problem

_TARGET = 0.3
#: N, SNR, p, and steps in units of 1/eta.
_CELLS = (
    (20, 1.0, 0.1, 200.0),
    (21, 1.1, 0.1, 200.0),
    (22, 0.95, 0.15, 200.0),
    (22, 1.05, 0.2, 200.0),
    (21, 1.0, 0.05, 300.0),
    (20, 1.1, 0.15, 200.0),
)
#: Runs a cell: with one that violates or stays undecided, 93 in all are enough to hold.
SEEDS = 16


def margin_cells() -> tuple[Cell, ...]:
    """The cells.

    Example:
        >>> cells = margin_cells()
        >>> len(cells), cells[0].name, cells[0].steps
        (6, 'margin-1', 14382)
    """
    cells = []
    for rank, (n, snr, flip_prob, units) in enumerate(_CELLS, start=1):
        problem = inside_problem(n, snr, _TARGET, flip_prob=flip_prob)
        note = f"N = {n}, SNR = {snr:g}, p = {flip_prob:g}"
        steps = round(units / problem.learning_rate)
        cells.append(
            Cell(f"margin-{rank}", Role.HELD_OUT, "margin", problem, steps, note, seeds=SEEDS)
        )
    return tuple(cells)
