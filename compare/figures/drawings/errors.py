"""Test error and its excess over p, with the fitted bounds stage by stage."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ...cells import CellResult, Study
from ...fitting.bounds import log_excess_error
from ..axes import legend_below, powers_of_ten
from ..paint import finish, lines, sheet
from ..rows import Rows, stands, tags
from ..style import Look
from ..table import Table

_STYLES = {
    "test error": (0, "-"),
    "excess over $p$": (6, "-"),
    "flip probability $p$": (2, ":"),
}
_BOUNDS = (4, 3, 1)

#: Claims this figure bears on.
CLAIMS = ("B1", "B2", "B3", "B4", "B4d", "B5", "B5d", "B8", "B9", "B10", "B11", "H1", "H8", "I1")


def measure(study: Study, result: CellResult) -> Table:
    """Panel a: test_error; b: log10 of its excess over p.

    The excess (1-2p)·P(ŷf ≤ 0) falls far below what float64 can hold; hence its logarithm.
    """
    error, excess = (Rows("errors", panel, result) for panel in "ab")
    error.reference(result.cell.problem.flip_prob, "flip probability $p$")
    error.median(result.trajectory["test_error"], "test error")
    bounds = error.bounds(study, "test_error")
    error.title(f"test error; {tags(bounds) or 'no bound fitted'}", stands(result))
    excess.median(log_excess_error(result) / np.log(10), "excess over $p$")
    excess.bounds(study, "test_error", log10=True)
    excess.title("excess over $p$; median of runs, band 10–90%")
    for panel in (error, excess):
        panel.events()
    return Table((*error.rows, *excess.rows))


def paint(table: Table, look: Look) -> Figure:
    """Left: test_error, linear; right: its excess over p, labelled in powers of ten."""
    figure, (error, excess) = sheet(look, 2)
    left, right = (table.select(panel=panel) for panel in "ab")
    lines(error, left, look, _STYLES, _BOUNDS)
    # A bound above 1 says nothing; it is shown as far as 2, where that is plain to see.
    error.set_ylim(-0.02, min(max(1.02, 1.05 * error.dataLim.y1), 2.0))
    finish(error, left, "test error")
    lines(excess, right, look, _STYLES, _BOUNDS)
    powers_of_ten(excess)
    finish(excess, right, "excess over $p$")
    legend_below(figure, [error, excess], 3 if look.width != "one" else 1)
    return figure
