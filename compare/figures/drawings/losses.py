"""Training and test loss."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ....theory import bayes_floor
from ...cells import CellResult, Study
from ..axes import number_ticks, panel_row, shared_legend
from ..panels import draw_lines, finish
from ..registry import CellDrawing
from ..rows import PanelRows, cell_title, foreseen, tags
from ..style import Style
from ..table import Table

_TARGET, _FLOOR, _LOG_2 = r"target loss $\epsilon$", "least test loss, $H(p)$", r"$\log 2$"
_LINES = {
    "train loss": (0, "-"),
    "test loss": (2, "-"),
    _TARGET: (6, ":"),
    _FLOOR: (2, ":"),
    _LOG_2: (6, ":"),
}
_BOUNDS = (3, 4, 5)


def measure(study: Study, result: CellResult) -> Table:
    """Panel a: train_loss and the target; b: test_loss, its floor and its bounds."""
    problem, trajectory = result.cell.problem, result.trajectory
    train, test = (PanelRows("losses", panel, result) for panel in "ab")
    train.median(trajectory["train_loss"], "train loss")
    train.reference(problem.target_loss, _TARGET)
    train.title("train loss; median of runs, band 10–90%", cell_title(result))
    test.median(trajectory["test_loss"], "test loss")
    bounds = test.bounds(study, "test_loss")
    test.reference(float(bayes_floor(problem.flip_prob)), _FLOOR)
    test.reference(float(np.log(2)), _LOG_2)
    bounded = any(bound.quantity == "test_loss" for bound in study.theorem.bounds)
    without = "no bound could be fitted" if bounded else "the theorem does not bound it"
    test.title(f"test loss; {tags(bounds) or without}")
    limit = foreseen(result)
    if limit is not None:
        train.predicted(limit["train_loss"])
        test.predicted(limit["test_loss"])
    for panel in (train, test):
        panel.events()
    return Table((*train.rows, *test.rows))


def draw(table: Table, style: Style) -> Figure:
    """Left: train_loss, logarithmic; right: test_loss."""
    figure, (train, test) = panel_row(style, 2)
    left, right = (table.select(panel=panel) for panel in "ab")
    draw_lines(train, left, style, _LINES)
    train.set_yscale("log")
    number_ticks(train, "y")
    finish(train, left, "train loss", "a")
    draw_lines(test, right, style, _LINES, _BOUNDS)
    _keep_data_in_view(test, right.select(kind="median"))
    finish(test, right, "test loss", "b")
    shared_legend(figure, [train, test], style.columns(3))
    return figure


def _keep_data_in_view(ax: Axes, measured: Table) -> None:
    """Limit the axis, so that a bound far from the data does not flatten the data."""
    top = max(1.0, 1.6 * float(np.nanmax(measured.column("high"))))
    ax.set_ylim(-0.02, min(ax.get_ylim()[1], top))


DRAWING = CellDrawing(
    name="losses",
    caption="Training and test loss: trained runs, the limit predicted from their labels and "
    "start, and the theorem's bounds",
    claims=("B6", "B6d", "B7", "H2", "H2d", "H3", "H4", "H5", "H6", "I2"),
    measure=measure,
    draw=draw,
)
