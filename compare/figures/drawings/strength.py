"""A quantity against the strength of a theorem's boundary: curves of all sizes on one, or not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from ....theory import Boundary
from ...cells import Study
from ...fitting.bounds import speaks_of
from ...fitting.strength import level_of, strength_of, values_read
from ...verdict import Verdict
from ..axes import label_axes, panel_row, plain_ticks, shared_legend, two_lines
from ..panels import literal
from ..registry import VerdictDrawing
from ..style import GREY, Style
from ..symbols import few_ticks, formula_label
from ..table import BAND, Row, Table
from ..words import verdict_look

#: Numbers of which the first that varies colours the cells, and the second shapes them.
_COLOURED, _SHAPED = ("N", "m", "tau"), ("d", "q", "sigma_p")

#: Ticks of the axis of the strength, at most.
_TICKS = 6


def _boundary(study: Study, verdict: Verdict) -> Boundary | None:
    named = (part for part in study.theorem.boundaries if part.name == verdict.claim)
    return next(named, None)


def shows(study: Study, verdict: Verdict) -> bool:
    """Whether it is a verdict on a boundary of the study's theorem."""
    return _boundary(study, verdict) is not None


def measure(study: Study, verdicts: Sequence[Verdict]) -> Table:
    """A row for each cell with its strength, and the quantity's median and band over runs."""
    rows: list[Row] = []
    for verdict in verdicts:
        boundary = _boundary(study, verdict)
        assert boundary is not None
        head: Row = {"drawing": "strength", "claim": boundary.name}
        fitted = verdict.evidence.get("constant")
        low, high = verdict.evidence.get("constant_interval_95", (None, None))
        rows.append(
            {**head, "kind": "verdict", "word": verdict.word, "quantity": boundary.quantity,
             "strength": str(boundary.strength), "latex": boundary.latex(),
             "value": fitted, "low": low, "high": high}
        )  # fmt: skip
        cells = [
            result
            for result in study.select(kind="stage")
            if speaks_of(boundary, result) and boundary.quantity in result.trajectory.quantities
        ]
        colour = _varying(cells, _COLOURED)
        shape = _varying(cells, _SHAPED)
        for result in cells:
            values = values_read(result, boundary)
            values = values[~np.isnan(values)]
            if not len(values):
                continue
            band = np.quantile(values, BAND)
            rows.append(
                {**head, "kind": "cell", "cell": result.cell.name,
                 "x": strength_of(result, boundary), "value": float(np.median(values)),
                 "low": float(band[0]), "high": float(band[1]),
                 "level": level_of(result, boundary),
                 "colour": f"{colour} = {result.values[colour]:g}" if colour else "cells",
                 "shape": f"{shape} = {result.values[shape]:g}" if shape else "cells"}
            )  # fmt: skip
    return Table(tuple(rows))


def _varying(cells: Sequence[object], names: Sequence[str]) -> str:
    for name in names:
        values = {getattr(cell, "values", {}).get(name) for cell in cells}
        if None not in values and len(values) > 1:
            return name
    return ""


def draw(table: Table, style: Style) -> Figure:
    """The quantity over the strength, logarithmic; the boundary with its interval."""
    figure, (ax,) = panel_row(style, 1)
    row, cells = table.select(kind="verdict").rows[0], table.select(kind="cell")
    colours, shapes = sorted(cells.texts("colour"), key=_number), cells.texts("shape")
    shapes = sorted(shapes, key=_number)
    for rank, colour in enumerate(colours):
        for which, shape in enumerate(shapes):
            some = cells.select(colour=colour, shape=shape)
            if not len(some):
                continue
            value = some.column("value")
            bars = np.abs(np.stack([value - some.column("low"), some.column("high") - value]))
            ax.errorbar(
                some.column("x"), value, yerr=bars, linestyle="", marker=style.marker(which),
                color=style.color(rank), markersize=4, linewidth=0.6, zorder=3,
            )  # fmt: skip
        ax.plot([], [], marker="o", linestyle="", markersize=4, color=style.color(rank),
                label=literal(colour))  # fmt: skip
    for which, shape in enumerate(shapes if len(shapes) > 1 else []):
        ax.plot([], [], marker=style.marker(which), linestyle="", markersize=4, color=GREY,
                label=literal(shape))  # fmt: skip
    ax.set_xscale("log")
    plain_ticks(ax, "x", [float(tick) for tick in few_ticks(*ax.get_xlim(), _TICKS)])
    for level in cells.numbers("level"):
        ax.axhline(level, color=GREY, linewidth=0.7, linestyle=":", zorder=1)
    if row.get("value") is not None:
        ax.axvline(float(str(row["value"])), color=GREY, linewidth=0.9, zorder=1)
        ax.axvspan(float(str(row["low"])), float(str(row["high"])), color=GREY, alpha=0.2,
                   linewidth=0, zorder=0)  # fmt: skip
    label_axes(
        ax, formula_label(str(row["latex"]), str(row["strength"])), literal(str(row["quantity"]))
    )
    word = str(row["word"])
    said = "median of runs, band 10–90%;\nline: the boundary, with its 95% interval"
    two_lines(ax, 0, f"{row['claim']}: {word}", said, verdict_look(word).ink(style))
    shared_legend(figure, [ax], style.columns(4, 2))
    return figure


def _number(text: str) -> float:
    return float(text.split(" = ")[1]) if " = " in text else 0.0


DRAWING = VerdictDrawing(
    name="strength",
    claims=(),
    rank=9,
    caption="the quantity at the end of training against the strength of the boundary, every size "
    "of problem",
    apart=True,
    shows=shows,
    measure=measure,
    draw=draw,
    foremost=True,
)
