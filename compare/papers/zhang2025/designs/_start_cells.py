"""Cells of one step at the paper's own scale, for what is said of the start of training.

With PyTorch's default initialisation at d = d_h = 512 the scores of a token x have a standard
deviation of |x|²·sqrt(d_h)/(3d): 6 for a signal of length 20, 30 for a noise token. Under
Assumption 4.1 they are below 1.
"""

from __future__ import annotations

from ....cells import Cell, Role
from .paper import paper_problem

#: N and signal norms from the ranges of §6, on both sides of N·SNR² = 1.
_COUNTS, _NORMS, _FLIPS, _RATE = (20, 100), (3.0, 20.0), 0.1, 4.0
SEEDS = 32


def start_cells() -> tuple[Cell, ...]:
    """Held-out cells whose state at step 0 is all that is asked.

    Example:
        >>> [cell.name for cell in start_cells()]
        ['start-N20-mu3', 'start-N20-mu20', 'start-N100-mu3', 'start-N100-mu20']
        >>> start_cells()[0].problem.init, start_cells()[0].steps
        ('torch-default', 1)
    """
    return tuple(
        Cell(
            f"start-N{n}-mu{norm:g}",
            Role.HELD_OUT,
            "stage",
            paper_problem(n, norm, _FLIPS, _RATE),
            1,
            f"N = {n}, mu = {norm:g}, p = {_FLIPS:g}, PyTorch's default initialisation",
            "every:1",
            SEEDS,
        )
        for n in _COUNTS
        for norm in _NORMS
    )
