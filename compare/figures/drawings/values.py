"""What the value matrix has memorised."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ...cells import CellResult, Study
from ..axes import panel_row, shared_legend
from ..panels import draw_lines, finish
from ..registry import CellDrawing
from ..rows import PanelRows, cell_title
from ..style import Style
from ..table import Table

_LINES = {
    r"$|V_+|$": (0, "-"),
    r"$|V_-|$": (5, "--"),
    r"mean $|V_n|$, clean": (3, "-"),
    r"mean $|V_n|$, flipped": (1, "--"),
    r"fresh token, $\sigma_p\Vert W_V w_O\Vert$": (6, "-."),
}


def measure(study: Study, result: CellResult) -> Table:
    """|V±|, mean |V_n| of clean and of flipped samples, and σ_p‖W_V w_O‖."""
    q = result.trajectory.quantities
    noise = result.cell.problem.noise_std * q["value_norm"]
    shown = (np.abs(q["v_plus"]), np.abs(q["v_minus"]), q["v_noise_clean"], q["v_noise_flipped"])
    rows = PanelRows("values", "a", result)
    for series, values in zip(_LINES, (*shown, noise), strict=True):
        rows.median(values, series)
    rows.title("median of runs, band 10–90%", cell_title(result))
    rows.events()
    return Table(tuple(rows.rows))


def draw(table: Table, style: Style) -> Figure:
    """One panel, logarithmic."""
    figure, (ax,) = panel_row(style, 1)
    draw_lines(ax, table, style, _LINES)
    ax.set_yscale("log")
    finish(ax, table, "value of a token")
    shared_legend(figure, [ax], 2)
    return figure


DRAWING = CellDrawing(
    name="values",
    caption=(
        "What the value matrix has memorised: the signals, the training noise, and a fresh token"
    ),
    claims=("M5", "M6", "M7", "M8", "M9", "X3"),
    measure=measure,
    draw=draw,
)
