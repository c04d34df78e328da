"""Training and test loss, with the theorem's bounds on them."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...theory import bayes_floor
from ..study import Array, CellResult, Study
from ._curves import bound_curves, curve, name_cell, reference, stage_lines
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


def draw(study: Study, result: CellResult) -> Figure:
    """Left: train_loss and the target; right: test_loss, its floor and its bounds."""
    figure, axes = new_figure(2)
    train, test = axes
    problem, trajectory = result.cell.problem, result.trajectory
    last = int(trajectory.steps[-1])

    curve(train, result, trajectory["train_loss"], "train loss", BLUE)
    reference(train, problem.target_loss, r"target loss $\epsilon$")
    train.set_yscale("log")
    name_cell(train, result, "train loss; median of runs, band 10–90%")
    label(train, "train loss")

    curve(test, result, trajectory["test_loss"], "test loss", GREEN)
    bounds = bound_curves(test, study, result, "test_loss", [VERMILLION, PURPLE, ORANGE])
    reference(test, float(bayes_floor(problem.flip_prob)), "least test loss, $H(p)$", GREEN)
    reference(test, float(np.log(2)), r"$\log 2$")
    tags = " and ".join(sorted({bound.provenance.value for bound in bounds}))
    about = f"test loss; {tags} bounds" if tags else "test loss; no bound on it could be drawn"
    if not any(bound.quantity == "test_loss" for bound in study.theorem.bounds):
        about = "test loss; the theorem does not bound it"
    test.set_title(f"\n{about}", fontsize=train.title.get_fontsize(), loc="left", pad=12)
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
    ax.set_ylim(0, min(ax.get_ylim()[1], top))
