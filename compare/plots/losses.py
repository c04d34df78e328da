"""Training and test loss, with the theorem's bounds on them."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...theory import bayes_floor
from ..study import Array, CellResult, Study
from ._curves import bound_curves, curve, reference, stage_lines, tags, title
from ._style import (
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

#: Claims this figure bears on.
CLAIMS = ("B6", "B6d", "B7", "H2", "H2d", "H3", "H4", "H5", "H6", "I2")


def draw(study: Study, result: CellResult) -> Figure:
    """Left: train_loss and the target; right: test_loss, its floor and its bounds."""
    figure, axes = new_figure(2)
    train, test = axes
    problem, trajectory = result.cell.problem, result.trajectory
    last = int(trajectory.steps[-1])

    curve(train, result, trajectory["train_loss"], "train loss", BLUE)
    reference(train, problem.target_loss, r"target loss $\epsilon$")
    train.set_yscale("log")
    title(train, "train loss; median of runs, band 10–90%", result)
    label(train, "train loss")

    curve(test, result, trajectory["test_loss"], "test loss", GREEN)
    bounds = bound_curves(test, study, result, "test_loss", [VERMILLION, PURPLE, ORANGE])
    reference(test, float(bayes_floor(problem.flip_prob)), "least test loss, $H(p)$", GREEN)
    reference(test, float(np.log(2)), r"$\log 2$")
    bounded = any(bound.quantity == "test_loss" for bound in study.theorem.bounds)
    without = "no bound could be fitted" if bounded else "the theorem does not bound it"
    title(test, f"test loss; {tags(bounds) or without}")
    label(test, "test loss")
    _keep_data_in_view(test, trajectory["test_loss"][result.ok])

    for ax in axes:
        step_axis(ax, last)
        stage_lines(ax, result)
    legend_below(figure, axes, 4)
    return figure


def _keep_data_in_view(ax: Axes, values: Array) -> None:
    """Let no bound that is far from the data squeeze the data flat."""
    top = max(1.0, 1.6 * float(np.nanmax(values)))
    ax.set_ylim(-0.02, min(ax.get_ylim()[1], top))
