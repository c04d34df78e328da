"""Attention on the signal token."""

from __future__ import annotations

from matplotlib.figure import Figure

from ...cells import CellResult, Study
from ..axes import panel_row, shared_legend
from ..panels import draw_lines, finish
from ..registry import CellDrawing
from ..rows import PanelRows, cell_title
from ..style import Style
from ..table import Table

_LINES = {
    "uniform": (6, ":"),
    "clean, train": (0, "-"),
    "flipped, train": (1, "--"),
    "test": (2, "-."),
}


def measure(study: Study, result: CellResult) -> Table:
    """Three curves between 0 and 1; training starts at 1/2."""
    trajectory = result.trajectory
    rows = PanelRows("attention", "a", result)
    rows.reference(0.5, "uniform")
    rows.median(trajectory["attention_clean"], "clean, train")
    rows.median(trajectory["attention_flipped"], "flipped, train")
    rows.median(trajectory["attention_test"], "test")
    rows.title("median of runs, band 10–90%", cell_title(result))
    rows.events()
    return Table(tuple(rows.rows))


def draw(table: Table, style: Style) -> Figure:
    """One panel from 0 to 1."""
    figure, (ax,) = panel_row(style, 1)
    draw_lines(ax, table, style, _LINES)
    ax.set_ylim(0, 1)
    finish(ax, table, "attention on the signal token")
    shared_legend(figure, [ax], 2)
    return figure


DRAWING = CellDrawing(
    name="attention",
    caption="Attention on the signal token: clean and flipped training samples, and fresh ones",
    claims=("M1", "M2", "M3", "M4", "M10"),
    measure=measure,
    draw=draw,
)
