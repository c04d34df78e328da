"""Test error and its excess over p, with the fitted bounds stage by stage."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ..envelope import log_excess_error
from ..study import CellResult, Study
from ._curves import bound_curves, curve, name_cell, reference, stage_lines
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
    step_axis,
)

_COLORS = [PURPLE, ORANGE, VERMILLION]


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
    error.set_ylim(0, 1.02)
    tags = " and ".join(sorted({bound.provenance.value for bound in bounds}))
    name_cell(error, result, f"test error; {tags} bound" if tags else "test error; no bound fitted")
    label(error, "test error")

    curve(excess, result, log_excess_error(result) / np.log(10), "excess over $p$", BLACK)
    bound_curves(excess, study, result, "test_error", _COLORS, log10=True)
    excess.set_title("\nexcess over $p$", fontsize=error.title.get_fontsize(), loc="left", pad=12)
    label(excess, "excess of the test error over $p$")
    _powers_of_ten(excess)

    for ax in axes:
        step_axis(ax, last)
        stage_lines(ax, result)
    legend_below(figure, axes, 3)
    return figure


def _powers_of_ten(ax: Axes) -> None:
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda power, _: f"$10^{{{power:g}}}$"))
