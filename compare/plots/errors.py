"""Test error and its excess over p, with the fitted bounds stage by stage."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ..envelope import log_excess_error
from ..study import CellResult, Study
from ._curves import bound_curves, curve, reference, stage_lines, tags, title
from ._style import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    VERMILLION,
    label,
    legend_below,
    new_figure,
    powers_of_ten,
    step_axis,
)

_COLORS = [PURPLE, ORANGE, VERMILLION]

#: Claims this figure bears on.
CLAIMS = ("B1", "B2", "B3", "B4", "B4d", "B5", "B5d", "B8", "B9", "B10", "B11", "H1", "H8", "I1")


def draw(study: Study, result: CellResult) -> Figure:
    """Left: test_error, linear; right: its excess over p as a power of ten.

    The excess (1-2p)·P(ŷf ≤ 0) falls far below what float64 can hold, so the right panel
    draws its logarithm and labels the axis in powers of ten.
    """
    figure, axes = new_figure(2)
    error, excess = axes
    problem, trajectory = result.cell.problem, result.trajectory
    last = int(trajectory.steps[-1])

    reference(error, problem.flip_prob, "flip probability $p$", GREEN)
    curve(error, result, trajectory["test_error"], "test error", BLUE)
    bounds = bound_curves(error, study, result, "test_error", _COLORS)
    title(error, f"test error; {tags(bounds) or 'no bound fitted'}", result)
    label(error, "test error")
    # A bound above 1 says nothing; it is shown as far as 2, where that is plain to see.
    error.set_ylim(-0.02, min(max(1.02, 1.05 * error.dataLim.y1), 2.0))

    curve(excess, result, log_excess_error(result) / np.log(10), "excess over $p$", BLACK)
    bound_curves(excess, study, result, "test_error", _COLORS, log10=True)
    title(excess, "excess over $p$; median of runs, band 10–90%")
    label(excess, "excess over $p$")
    powers_of_ten(excess)

    for ax in axes:
        step_axis(ax, last)
        stage_lines(ax, result)
    legend_below(figure, axes, 3)
    return figure
