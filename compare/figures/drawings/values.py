"""What the value matrix has memorised: the signals, the training noise, and a fresh token."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ...cells import CellResult, Study
from ..axes import legend_below
from ..paint import finish, lines, sheet
from ..rows import Rows, stands
from ..style import Look
from ..table import Table

_STYLES = {
    r"$|V_+|$": (0, "-"),
    r"$|V_-|$": (5, "--"),
    r"mean $|V_n|$, clean": (3, "-"),
    r"mean $|V_n|$, flipped": (1, "--"),
    r"fresh token, $\sigma_p\Vert W_V w_O\Vert$": (6, "-."),
}

#: Claims this figure bears on.
CLAIMS = ("M5", "M6", "M7", "M8", "M9", "X3")


def measure(study: Study, result: CellResult) -> Table:
    """|V±|, mean |V_n| of clean and of flipped samples, and σ_p‖W_V w_O‖."""
    q = result.trajectory.quantities
    noise = result.cell.problem.noise_std * q["value_norm"]
    shown = (np.abs(q["v_plus"]), np.abs(q["v_minus"]), q["v_noise_clean"], q["v_noise_flipped"])
    rows = Rows("values", "a", result)
    for series, values in zip(_STYLES, (*shown, noise), strict=True):
        rows.median(values, series)
    rows.title("median of runs, band 10–90%", stands(result))
    rows.events()
    return Table(tuple(rows.rows))


def paint(table: Table, look: Look) -> Figure:
    """One panel, logarithmic."""
    figure, (ax,) = sheet(look, 1)
    lines(ax, table, look, _STYLES)
    ax.set_yscale("log")
    finish(ax, table, "value of a token")
    legend_below(figure, [ax], 2)
    return figure
