"""Attention on the signal token: clean and flipped training samples, and fresh ones."""

from __future__ import annotations

from matplotlib.figure import Figure

from ..study import CellResult, Study
from ._curves import curve, reference, stage_lines, title
from ._style import BLUE, GREEN, VERMILLION, label, legend_below, new_figure, step_axis

#: Claims this figure bears on.
CLAIMS = ("M1", "M2", "M3", "M4", "M10")


def draw(study: Study, result: CellResult) -> Figure:
    """Three curves between 0 and 1; 1/2 is where training starts."""
    figure, axes = new_figure(1)
    ax = axes[0]
    trajectory = result.trajectory
    reference(ax, 0.5, "uniform")
    curve(ax, result, trajectory["attention_clean"], "clean, train", BLUE)
    curve(ax, result, trajectory["attention_flipped"], "flipped, train", VERMILLION, "--")
    curve(ax, result, trajectory["attention_test"], "test", GREEN, "-.")
    step_axis(ax, int(trajectory.steps[-1]))
    ax.set_ylim(0, 1)
    stage_lines(ax, result)
    label(ax, "attention on the signal token")
    title(ax, "median of runs, band 10–90%", result)
    legend_below(figure, axes, 2)
    return figure
