"""The predicted -log P of every logged point against the one estimated in training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from ...cells import Study, taught_nothing
from ...predicted.runs import complete, limit_cells, predicted
from ...thresholds import LIMIT_LOG_P_WITHIN
from ...verdict import Verdict
from ..axes import label_axes, panel_row, shared_legend, two_lines
from ..registry import VerdictDrawing
from ..style import GREY, Style
from ..table import Row, Table
from ..words import verdict_look

#: Every so many logged steps of a run are shown.
_EVERY = 4


def shows(study: Study, verdict: Verdict) -> bool:
    """Whether it is about the predicted log P."""
    return verdict.claim == "L3" and "worst_errors" in verdict.evidence and bool(limit_cells(study))


def measure(study: Study, verdicts: Sequence[Verdict]) -> Table:
    """A row for every fourth logged step of each run that counts, from |log P| = log 2 on."""
    rows: list[Row] = [
        {"drawing": "failures", "kind": "verdict", "cell": verdict.claim, "word": verdict.word}
        for verdict in verdicts
    ]
    for cell in limit_cells(study):
        counts = complete(cell) & ~taught_nothing(cell)
        depth = -cell.trained["log_failure_prob"]
        foreseen = -predicted(cell.trained)["log_failure_prob"]
        for run in np.flatnonzero(counts):
            for at in range(0, depth.shape[1], _EVERY):
                own, other = float(depth[run, at]), float(foreseen[run, at])
                if np.isfinite(own) and np.isfinite(other) and own >= np.log(2):
                    rows.append(
                        {"drawing": "failures", "kind": "point", "cell": cell.cell.name,
                         "run": int(run), "step": int(cell.trained.steps[at]), "x": own,
                         "value": other, "off": other / own - 1}
                    )  # fmt: skip
    return Table(tuple(rows))


def draw(table: Table, style: Style) -> Figure:
    """Left: both on logarithmic axes; right: the relative error."""
    figure, (both, error) = panel_row(style, 2)
    points = table.select(kind="point")
    x, value, off = (points.column(name) for name in ("x", "value", "off"))
    marks: dict[str, Any] = {
        "linestyle": "", "marker": "o", "markersize": 1.6, "markeredgewidth": 0, "alpha": 0.35
    }  # fmt: skip
    both.plot(x, value, color=style.color(0), label="logged point of a run", **marks)
    ends = np.array([np.log(2), x.max() * 1.3])
    both.plot(ends, ends, color=GREY, linewidth=0.8, label="equal", zorder=0)
    both.set_xscale("log")
    both.set_yscale("log")
    label_axes(both, "-log P, estimated in training", "-log P, the limit")
    error.plot(x, off, color=style.color(0), **marks)
    error.axhspan(
        -LIMIT_LOG_P_WITHIN, LIMIT_LOG_P_WITHIN, color=style.color(2), alpha=0.15, linewidth=0,
        label="what L3 allows",
    )  # fmt: skip
    error.set_xscale("log")
    far = 1.6 * LIMIT_LOG_P_WITHIN
    error.set_ylim(-far, far)
    beyond = np.abs(off) > far
    error.plot(
        x[beyond], np.sign(off[beyond]) * far * 0.97, linestyle="", marker="x", markersize=3,
        color=style.color(1), label=f"further than {far:.0%} off",
    )  # fmt: skip
    error.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:.0%}"))
    label_axes(error, "-log P, estimated in training", "relative error of the limit")
    row = table.select(kind="verdict").rows[0]
    word = str(row["word"])
    ink = verdict_look(word).ink(style)
    runs = len({(point["cell"], point["run"]) for point in points})
    two_lines(both, 0, f"{row['cell']}: {word}", f"{runs} runs, {len(points)} points", ink)
    within = float((np.abs(off) <= LIMIT_LOG_P_WITHIN).mean())
    two_lines(error, 1, "relative error", f"{within:.1%} of the points within 10%", "black")
    shared_legend(figure, [both, error], style.columns(4))
    return figure


DRAWING = VerdictDrawing(
    name="failures",
    claims=(),
    rank=5,
    caption="the log of the failure probability that the limit predicts against the one estimated "
    "in training, for every logged point",
    apart=True,
    shows=shows,
    measure=measure,
    draw=draw,
    foremost=True,
)
