"""Test error and its excess over p."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ...cells import CellResult, Study
from ...fitting.bounds import log_excess_error
from ..axes import axis_scale, panel_row, powers_of_ten, shared_legend
from ..panels import draw_lines, finish, says_nothing
from ..registry import CellDrawing
from ..rows import PanelRows, cell_title, foreseen, tags
from ..style import Style
from ..table import Table

_LINES = {
    "test error": (0, "-"),
    "excess over $p$": (6, "-"),
    "flip probability $p$": (2, ":"),
}
_BOUNDS = (4, 3, 5)


def measure(study: Study, result: CellResult) -> Table:
    """Panel a: test_error; b: log10 of its excess over p.

    The excess (1-2p)·P(ŷf ≤ 0) falls far below the smallest float64, so its logarithm is shown.
    """
    error, excess = (PanelRows("errors", panel, result) for panel in "ab")
    error.reference(result.cell.problem.flip_prob, "flip probability $p$")
    error.median(result.trajectory["test_error"], "test error")
    bounds = error.bounds(study, "test_error")
    error.title(f"test error; {tags(bounds) or 'no bound fitted'}", cell_title(result))
    excess.median(log_excess_error(result) / np.log(10), "excess over $p$")
    excess.bounds(study, "test_error", log10=True)
    excess.title("excess over $p$; median of runs, band 10–90%")
    limit = foreseen(result)
    if limit is not None:
        p = result.cell.problem.flip_prob
        error.predicted(limit["test_error"])
        excess.predicted((np.log1p(-2 * p) + limit["log_failure_prob"]) / np.log(10))
    for panel in (error, excess):
        panel.events()
    return Table((*error.rows, *excess.rows))


def draw(table: Table, style: Style) -> Figure:
    """Left: test_error, bounds up to 1; right: its excess over p, labelled in powers of ten."""
    figure, (error, excess) = panel_row(style, 2)
    left, right = (table.select(panel=panel) for panel in "ab")
    draw_lines(error, left, style, _LINES, _BOUNDS, most=1.0)
    error.set_ylim(-0.02, 1.06)
    says_nothing(error, left)
    finish(error, left, "test error", "a")
    draw_lines(excess, right, style, _LINES, _BOUNDS)
    powers_of_ten(excess)
    finish(excess, right, f"test error $-\\;p$\n({axis_scale(excess)})", "b")
    shared_legend(figure, [error, excess], style.columns(3))
    return figure


DRAWING = CellDrawing(
    name="errors",
    caption="Test error and its excess over p: trained runs, the limit predicted from their labels "
    "and start, and the fitted bounds stage by stage",
    claims=(
        "B1", "B2", "B3", "B4", "B4d", "B5", "B5d", "B8", "B9", "B10", "B11", "H1", "H8", "I1",
    ),
    measure=measure,
    draw=draw,
    foremost=True,
)  # fmt: skip
