"""A measured quantity with one bound on it, for theorems of one's own."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ....theory import Bound
from ...cells import CellResult, Study
from ...fitting.bounds import NEVER, stage_bound, stage_ends
from ..axes import legend_below
from ..paint import drawable, finish, lines, literal, sheet
from ..rows import Rows
from ..style import Look
from ..table import Table


def measure(study: Study, result: CellResult, bound: Bound) -> Table:
    """Median and band of the quantity, and the bound with widened constants in its stage."""
    rows = Rows("bounded", "a", result)
    rows.median(result.trajectory[bound.quantity], bound.quantity)
    rows.bound(stage_bound(study, result, bound), bound)
    rows.events([end for end in stage_ends(study.theorem) if end != NEVER])
    where = "" if study.theorem.assumption or not result.assumptions.rows else (
        ", inside its conditions" if result.inside else ", outside its conditions"
    )  # fmt: skip
    cell = f"{result.cell.name} ({result.cell.role.value}{where})"
    rows.title("median of runs, band 10–90%", cell)
    return Table(tuple(rows.rows))


def paint(table: Table, look: Look) -> Figure:
    """One panel, logarithmic where all is positive and spans more than a decade."""
    figure, (ax,) = sheet(look, 1)
    (quantity,) = table.select(kind="median").texts("series")
    lines(ax, table, look, {quantity: (0, "-")}, (1,), label=literal)
    drawn = np.concatenate([drawable(table, name) for name in ("value", "low", "high")])
    drawn = drawn[np.isfinite(drawn)]
    if drawn.size and drawn.min() > 0 and drawn.max() / 10 > drawn.min():
        ax.set_yscale("log")
    finish(ax, table, literal(quantity))
    legend_below(figure, [ax], 1)
    return figure
