"""Which runs drew labels that teach a class nothing, and how often such a draw is to be expected.

A class with no more kept than flipped labels is not learned (`bofcheck.theory.label_draw_failure`):
such a run lies outside the event on which the theorems' promises rest. Claims may set these runs
aside where they count them against the exact probability q(N, p) of the draw.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from ...theory import label_draw_failure
from ..cells import CellResult, taught_nothing


@dataclass(frozen=True)
class LabelDraw:
    """A cell's probability of a draw that teaches a class nothing, and what was drawn.

    Attributes:
        cell: its name.
        inside: whether the theorem's assumptions hold in it.
        failure: q(N, p).
        promised: the failure probability the theorem promises, 1/d.
        runs: runs that were drawn.
        drawn: how many of them teach a class nothing.
    """

    cell: str
    inside: bool
    failure: float
    promised: float
    runs: int
    drawn: int

    @property
    def ratio(self) -> float:
        """q(N, p) over 1/d; above 1 the promise is broken by the draw of the labels alone."""
        return self.failure / self.promised if self.promised > 0 else 0.0


def label_draws(results: Iterable[CellResult]) -> list[LabelDraw]:
    """The draws of some cells with a problem of their own.

    Example:
        >>> from bofcheck.compare import Cell, Role, analyse
        >>> from bofcheck.simulate import Problem, train
        >>> from bofcheck.theory import benign
        >>> problem = Problem(n_samples=6, dim=100, flip_prob=0.3)
        >>> cell = Cell("small", Role.HELD_OUT, "stage", problem, steps=1)
        >>> (draw,) = label_draws([analyse(cell, train(problem, seeds=4, steps=1), benign)])
        >>> round(draw.failure, 3), draw.promised, draw.drawn, draw.runs
        (0.548, 0.01, 1, 4)
    """
    return [
        LabelDraw(
            result.cell.name,
            result.inside,
            label_draw_failure(result.cell.problem.n_samples, result.cell.problem.flip_prob),
            result.promised,
            len(result.trajectory.seeds),
            int(taught_nothing(result).sum()),
        )
        for result in results
        if result.cell.trained is not None
    ]


def draw_p_value(draws: Iterable[LabelDraw]) -> float:
    """Two-sided p-value of how many runs drew such labels, all cells together.

    The number is a sum of binomial counts; its distribution is convolved exactly, and either tail
    is doubled.

    Example:
        >>> rare = [LabelDraw("a", True, 0.01, 1e-9, 100, drawn) for drawn in (1, 12)]
        >>> round(draw_p_value(rare[:1]), 2), draw_p_value(rare[1:]) < 1e-7
        (1.0, True)
    """
    every = list(draws)
    chances = np.ones(1)
    for draw in every:
        chances = np.convolve(chances, binom.pmf(np.arange(draw.runs + 1), draw.runs, draw.failure))
    drawn = sum(draw.drawn for draw in every)
    tails = chances[: drawn + 1].sum(), chances[drawn:].sum()
    return float(min(1.0, 2 * min(tails)))
