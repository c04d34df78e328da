"""A measured quantity with one bound on it, for a user-supplied theorem."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ....theory import Bound
from ...cells import CellResult, Study
from ...fitting.bounds import NEVER, stage_bound, stage_ends
from ..axes import panel_row, shared_legend
from ..panels import draw_lines, drawable, finish, literal
from ..registry import Drawing
from ..rows import PanelRows
from ..style import Style
from ..table import Table


def measure(study: Study, result: CellResult, bound: Bound) -> Table:
    """Median and band of the quantity, and the bound with widened constants in its stage."""
    rows = PanelRows("bounded", "a", result)
    rows.median(result.trajectory[bound.quantity], bound.quantity)
    rows.bound(stage_bound(study, result, bound, rows.bound_steps), bound)
    rows.events([end for end in stage_ends(study.theorem) if end != NEVER])
    where = "" if study.theorem.assumption or not result.assumptions.rows else (
        ", inside its conditions" if result.inside else ", outside its conditions"
    )  # fmt: skip
    cell = f"{result.cell.name} ({result.cell.role.value}{where})"
    rows.title("median of runs, band 10–90%", cell)
    return Table(tuple(rows.rows))


def draw(table: Table, style: Style) -> Figure:
    """One panel, logarithmic if all values are positive and span more than a decade."""
    figure, (ax,) = panel_row(style, 1)
    (quantity,) = table.select(kind="median").texts("series")
    draw_lines(ax, table, style, {quantity: (0, "-")}, (1,), label=literal)
    values = np.concatenate([drawable(table, name) for name in ("value", "low", "high")])
    values = values[np.isfinite(values)]
    if values.size and values.min() > 0 and values.max() / 10 > values.min():
        ax.set_yscale("log")
    finish(ax, table, literal(quantity))
    shared_legend(figure, [ax], 1)
    return figure


DRAWING = Drawing(name="bounded", claims=(), draw=draw)
