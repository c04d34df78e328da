"""Cells on both sides of the boundary of test_loss, and the boundary that the limit predicts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ....simulate import find_boundary
from ...cells import CellResult, Study, strength, taught_nothing
from ...fitting.boundary_sides import sides
from ...predicted.edges import edge_of
from ...verdict import Verdict
from ..axes import label_axes, panel_row, plain_ticks, shared_legend, two_lines
from ..registry import VerdictDrawing
from ..style import GREY, SMALL, Style
from ..symbols import few_ticks
from ..table import Row, Table
from ..words import verdict_look

#: The kind of cells that each claim is decided on.
_KINDS = {"X1": "ladder", "L5": "limit-edge"}
#: N at which the limit's boundary is drawn, over the range of the cells.
_CURVE = 7
#: Ticks of an axis, at most.
_TICKS = 6


def _cells(study: Study, claim: str) -> list[CellResult]:
    return list(study.select(kind=_KINDS[claim])) if claim in _KINDS else []


def shows(study: Study, verdict: Verdict) -> bool:
    """Whether it is about the boundary of test_loss and has cells."""
    return len(_cells(study, verdict.claim)) > 1


def measure(study: Study, verdicts: Sequence[Verdict]) -> Table:
    """A row for each cell with the share of its good runs, and the limit's N·SNR² over N."""
    rows: list[Row] = []
    for verdict in verdicts:
        cells = _cells(study, verdict.claim)
        head: Row = {"drawing": "edge", "claim": verdict.claim}
        rows.append({**head, "kind": "verdict", "word": verdict.word})
        for cell, share in zip(cells, _shares(cells, verdict.claim), strict=True):
            if np.isfinite(share):
                rows.append(
                    {**head, "kind": "cell", "cell": cell.cell.name, "x": cell.values["N"],
                     "value": strength(cell.cell.problem), "good": float(share)}
                )  # fmt: skip
        problem = cells[0].cell.problem
        counts = np.array([cell.values["N"] for cell in cells])
        curve = find_boundary(
            problem.flip_prob, problem.target_loss,
            n_samples=np.geomspace(counts.min(), counts.max(), _CURVE).tolist(),
        )  # fmt: skip
        rows += [
            {**head, "kind": "limit", "x": n, "value": level}
            for n, level in zip(curve.n_samples, curve.levels, strict=True)
        ]
    return Table(tuple(rows))


def _shares(cells: list[CellResult], claim: str) -> NDArray[np.float64]:
    """(C,) share of the runs with a lead in each class that are good."""
    if claim == "L5":
        above = edge_of(tuple(cells)).trained
    else:
        above = sides(cells, "test_loss").above
        for row, cell in enumerate(cells):
            above[row, : len(cell.trajectory.seeds)][taught_nothing(cell)] = np.nan
    known = ~np.isnan(above)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, above, 0.0).sum(axis=1) / known.sum(axis=1))


def draw(table: Table, style: Style) -> Figure:
    """N·SNR² over N, logarithmic; a cell is shaded by its share of good runs."""
    figure, (ax,) = panel_row(style, 1)
    cells, limit = table.select(kind="cell"), table.select(kind="limit")
    mesh = ax.scatter(
        cells.column("x"), cells.column("value"), c=cells.column("good"), s=22, vmin=0, vmax=1,
        cmap=style.sequential, edgecolors=GREY, linewidths=0.4, zorder=2,
    )  # fmt: skip
    ax.plot(
        limit.column("x"), limit.column("value"), color=style.color(1), linewidth=1.8,
        label="half-way in the limit, nothing fitted", zorder=3,
    )  # fmt: skip
    ax.set_xscale("log")
    ax.set_yscale("log")
    middle = float(np.median(limit.column("value")))
    seen = cells.column("value")
    ax.set_ylim(max(seen.min() * 0.9, middle / 12), min(seen.max() * 1.1, middle * 12))
    for axis, (low, high) in (("x", ax.get_xlim()), ("y", ax.get_ylim())):
        plain_ticks(ax, axis, [float(tick) for tick in few_ticks(low, high, _TICKS)])
    label_axes(ax, "training samples $N$", r"$N\cdot\mathrm{SNR}^2$")
    bar = figure.colorbar(mesh, ax=ax, pad=0.02, aspect=25)
    bar.set_label("share of good runs", fontsize=SMALL)
    bar.ax.tick_params(labelsize=SMALL)
    row = table.select(kind="verdict").rows[0]
    word = str(row["word"])
    two_lines(
        ax, 0, f"{row['claim']}: {word}", f"{len(cells)} cells", verdict_look(word).ink(style)
    )
    shared_legend(figure, [ax], 1)
    return figure


DRAWING = VerdictDrawing(
    name="edge",
    claims=(),
    rank=6,
    caption="cells around the boundary of test_loss by the share of their runs that end well, and "
    "the boundary of the limit",
    apart=True,
    shows=shows,
    measure=measure,
    draw=draw,
    foremost=True,
)
