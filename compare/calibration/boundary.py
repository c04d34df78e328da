"""Studies in which a known boundary N^a·SNR^b·d^c = C separates good from bad runs."""

from __future__ import annotations

from functools import cache

import numpy as np

from ...theory import bayes_loss, evaluate, get_theorem
from ..cells import Cell, Study
from ..fitting.boundary_sides import Quantity
from ..papers.zhang2025.designs._boundary_cells import boundary_cells, ladder_cells
from ..papers.zhang2025.designs._problems import ladder
from .cells import RUNS
from .noise import standard
from .synthetic import log_steps, synthetic_cell

#: Slope of the log odds of the final score in log(N·SNR²), and its standard deviation between
#: runs, as seen on the ladder of preset ``quick`` for test_loss from 0.2 to 3 times the boundary.
SLOPE, SCATTER = 1.3, 0.45
#: When a synthetic run ends its stages; these studies are about how it ends.
_TIMES = {"T1": 100.0, "T2": 1_000.0, "T3": 4_000.0}


@cache
def kind_cells(kind: str) -> tuple[Cell, ...]:
    """Preset ``quick``'s cells of a kind.

    >>> len(kind_cells("ladder")), len(kind_cells("lean"))
    (119, 44)
    """
    every = ladder() + ladder_cells(44) + boundary_cells(44)
    return tuple(cell for cell in every if cell.kind == kind)


def boundary_study(
    rng: np.random.Generator,
    noise: float,
    kind: str,
    quantity: Quantity,
    law: tuple[float, float, float],
    steepness: float = 1.0,
) -> Study:
    """A study whose runs end good above N^a·SNR^b·d^c = C and bad below it.

    Args:
        rng: where the scatter between runs comes from.
        noise: factor on the scatter.
        kind: of the cells.
        quantity: what ends good or bad.
        law: the powers a, b and c; C is the median over cells, so half of them lie on each side.
        steepness: factor on `SLOPE`, as log(N·SNR²) is not every law's logarithm.

    Example:
        >>> study = boundary_study(np.random.default_rng(0), 0.0, "lean", "test_error", (1, 4, 1))
        >>> len(study.results)
        44
    """
    cells = kind_cells(kind)
    numbers = np.log([(c.problem.n_samples, c.problem.snr, c.problem.dim) for c in cells])
    levels = numbers @ np.array(law)
    levels -= np.median(levels)
    results = []
    for cell, level in zip(cells, levels, strict=True):
        times = {event: np.full(RUNS, step) for event, step in _TIMES.items()}
        odds = steepness * SLOPE * level + noise * SCATTER * standard(rng, RUNS)
        score = 1.0 / (1.0 + np.exp(odds))
        p = cell.problem.flip_prob
        best, chance = (p, 0.5)
        if quantity == "test_loss":
            best, chance = float(evaluate(bayes_loss, {"p": p})), float(np.log(2.0))
        final = (best + score * (chance - best))[:, None]
        results.append(synthetic_cell(cell, "benign", times, log_steps(times), {quantity: final}))
    return Study(get_theorem("benign"), tuple(results))
