"""Attention on the signal token: clean and flipped training samples, and fresh ones."""

from __future__ import annotations

from matplotlib.figure import Figure

from ...cells import CellResult, Study
from ..axes import legend_below
from ..paint import finish, lines, sheet
from ..rows import Rows, stands
from ..style import Look
from ..table import Table

_STYLES = {
    "uniform": (6, ":"),
    "clean, train": (0, "-"),
    "flipped, train": (1, "--"),
    "test": (2, "-."),
}

#: Claims this figure bears on.
CLAIMS = ("M1", "M2", "M3", "M4", "M10")


def measure(study: Study, result: CellResult) -> Table:
    """Three curves between 0 and 1; 1/2 is where training starts."""
    trajectory = result.trajectory
    rows = Rows("attention", "a", result)
    rows.reference(0.5, "uniform")
    rows.median(trajectory["attention_clean"], "clean, train")
    rows.median(trajectory["attention_flipped"], "flipped, train")
    rows.median(trajectory["attention_test"], "test")
    rows.title("median of runs, band 10–90%", stands(result))
    rows.events()
    return Table(tuple(rows.rows))


def paint(table: Table, look: Look) -> Figure:
    """One panel from 0 to 1."""
    figure, (ax,) = sheet(look, 1)
    lines(ax, table, look, _STYLES)
    ax.set_ylim(0, 1)
    finish(ax, table, "attention on the signal token")
    legend_below(figure, [ax], 2)
    return figure
