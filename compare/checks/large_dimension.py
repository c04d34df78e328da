"""Cells in which d alone grows, at a level of N·SNR² each: where both test quantities end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from ..cells import CellResult, Study, strength
from ..fitting.boundary_sides import scores
from ..thresholds import GOOD_RUN_CUT_OFF, LARGE_D_CONFIDENCE, LARGE_D_MIN_DIMS, LARGE_D_MIN_RUNS

Array = NDArray[np.float64]


@dataclass(frozen=True)
class DeepLevel:
    """Cells of one N·SNR², in order of d.

    Attributes:
        strength: N·SNR².
        results: the cells.
        excess: by cell, test_error - p of its trained runs at the end.
        loss: by cell, (test_loss - H(p))/(log 2 - H(p)) of the same runs.
    """

    strength: float
    results: tuple[CellResult, ...]
    excess: tuple[Array, ...]
    loss: tuple[Array, ...]

    @property
    def decides(self) -> bool:
        """Whether there are dimensions enough, and runs enough in the largest."""
        return len(self.results) >= LARGE_D_MIN_DIMS and self.excess[-1].size >= LARGE_D_MIN_RUNS

    @property
    def inside(self) -> bool:
        """Whether its cell of the largest d meets the theorem's assumptions."""
        return self.results[-1].inside

    @property
    def loss_alone(self) -> bool:
        """Whether at the largest d test_error is surely good, and test_loss surely is not."""
        p = self.results[-1].cell.problem.flip_prob
        good = limits(self.excess[-1])[1] < GOOD_RUN_CUT_OFF * (0.5 - p)
        return self.decides and good and limits(self.loss[-1])[0] > GOOD_RUN_CUT_OFF

    def means(self, values: tuple[Array, ...]) -> dict[str, float | None]:
        """By d, the mean over runs; None where no run was trained to the end."""
        return {
            f"{result.cell.problem.dim:g}": float(runs.mean()) if runs.size else None
            for result, runs in zip(self.results, values, strict=True)
        }


def limits(runs: Array) -> tuple[float, float]:
    """One-sided 95% limits of the mean over runs, by Student's t; infinite for fewer than two.

    Example:
        >>> [round(end, 3) for end in limits(np.array([0.1, 0.12, 0.09, 0.11]))]
        [0.09, 0.12]
    """
    if runs.size < 2:
        return -np.inf, np.inf
    reach = student.ppf(LARGE_D_CONFIDENCE, runs.size - 1) * runs.std(ddof=1) / np.sqrt(runs.size)
    return float(runs.mean() - reach), float(runs.mean() + reach)


def deep_levels(study: Study) -> list[DeepLevel]:
    """The cells of kind ``deep``, by N·SNR²."""
    groups: dict[float, list[CellResult]] = {}
    for result in study.select(kind="deep"):
        level = float(f"{strength(result.cell.problem):.6g}")
        groups.setdefault(level, []).append(result)
    levels = []
    for level, results in sorted(groups.items()):
        ordered = sorted(results, key=lambda result: result.cell.problem.dim)
        errors = [
            scores(each, "test_error") * (0.5 - each.cell.problem.flip_prob) for each in ordered
        ]
        losses = [scores(each, "test_loss") for each in ordered]
        levels.append(
            DeepLevel(
                level,
                tuple(ordered),
                tuple(runs[np.isfinite(runs)] for runs in errors),
                tuple(runs[np.isfinite(runs)] for runs in losses),
            )
        )
    return levels


def harm_of_loss_alone(levels: list[DeepLevel]) -> str:
    """Where test_loss is harmed and test_error is not, in words; empty if nowhere."""
    told = [
        f"at N·SNR² = {level.strength:g} and d = {level.results[-1].cell.problem.dim:.0e} "
        f"test_error - p is {max(level.excess[-1].mean(), 0.0):.1g} and test_loss "
        f"{level.loss[-1].mean():.0%} of the way from H(p) to log 2"
        for level in levels
        if level.loss_alone
    ]
    return f"the harm is one of the logistic loss alone: {'; '.join(told)}" if told else ""
