"""The bounded quantity in every held-out problem: runs, what the limit predicts, bounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from textwrap import shorten

import numpy as np
from matplotlib.figure import Figure

from ...cells import Role, Study
from ...fitting.bounds import log_excess_error
from ...verdict import Verdict
from ..axes import LETTERS, powers_of_ten, shared_legend, small_panels, step_axis, two_lines
from ..panels import draw_lines, literal
from ..registry import VerdictDrawing
from ..rows import PanelRows, cell_title, foreseen
from ..style import GREY, SMALL, Style
from ..table import Table

_RUNS = "trained runs, median and 10–90%"
_LINES = {_RUNS: (6, "-")}
_BOUNDS = (4, 3, 5)
#: Letters of a cell's name that a panel has room for.
_NAME = 15
#: Problems that one figure shows.
_MOST = 26


def quantity(study: Study) -> str:
    """The quantity that most bounds of a theorem are on.

    >>> from bofcheck.theory import benign, harmful
    >>> quantity(Study(benign, ())), quantity(Study(harmful, ()))
    ('test_error', 'test_loss')
    """
    bounds = Counter(bound.quantity for bound in study.theorem.bounds)
    return bounds.most_common(1)[0][0] if bounds else ""


def shows(study: Study, verdict: Verdict) -> bool:
    """Whether it is on a bound of the paper's theorem, decided on trained problems."""
    return bool(study.theorem.assumption) and verdict.claim in {
        bound.name for bound in study.theorem.bounds if bound.quantity == quantity(study)
    }


def measure(study: Study, verdicts: Sequence[Verdict]) -> Table:
    """A panel for each held-out problem with a run that did not diverge.

    Of test_error the log10 of its excess over p is shown, which can be far below 1e-308.
    """
    name = quantity(study)
    excess = name == "test_error" and bool(study.theorem.assumption)
    tables = []
    for rank, result in enumerate(islice(study.select(Role.HELD_OUT, "stage"), _MOST)):
        if not result.ok.any():
            continue
        rows = PanelRows("problems", LETTERS[rank], result)
        values = log_excess_error(result) / np.log(10) if excess else result.trajectory[name]
        rows.median(values, _RUNS)
        limit = foreseen(result)
        if limit is not None and excess:
            p = result.cell.problem.flip_prob
            rows.predicted((np.log1p(-2 * p) + limit["log_failure_prob"]) / np.log(10))
        elif limit is not None:
            rows.predicted(limit[name])
        rows.bounds(study, name, log10=excess)
        rows.title("excess" if excess else name, cell_title(result))
        rows.events([event for event in ("T1", "T2", "T3") if event in result.events])
        tables += rows.rows
    return Table(tuple(tables))


def draw(table: Table, style: Style) -> Figure:
    """Small panels, each with the numbers of its problem over it."""
    panels = table.texts("panel")
    figure, axes = small_panels(style, len(panels), height=1.5, most=3, share=False)
    name = table.select(kind="about").texts("series")[0]
    for rank, (ax, panel) in enumerate(zip(axes, panels, strict=True)):
        part = table.select(panel=panel)
        draw_lines(ax, part, style, _LINES, _BOUNDS)
        if name == "excess":
            powers_of_ten(ax)
        else:
            top = 1.6 * float(np.nanmax(part.select(kind="median").column("high")))
            ax.set_ylim(0, max(1.0, top))
        step_axis(ax, max(float(part.select(kind="median").column("step").max()), 1.0), sparse=True)
        events = part.select(kind="event")
        for at in events.column("step") if len(events) else ():
            ax.axvline(float(at), color=GREY, linestyle=":", linewidth=0.8, zorder=0)
        ax.tick_params(labelsize=SMALL)
        title = part.select(kind="cell").texts("series")[0]
        numbers = title.partition(";")[0].split(", ")
        if not numbers[0].startswith("$N"):  # a user's name for a cell
            numbers = [literal(shorten(title, _NAME, placeholder=" …"))]
        where = " (inside)" if title.endswith(("inside Assumption 4.1",)) else ""
        two_lines(ax, rank, ", ".join(numbers[:2]), ", ".join(numbers[2:4]) + where, "black")
    shown = "test error $-\\;p$ (log of a log scale)"
    if name != "excess":
        shown = literal(name.replace("_", " "))
    figure.supylabel(shown, fontsize=SMALL)
    for ax in axes[-3:]:
        ax.set_xlabel("gradient step", fontsize=SMALL)
    shared_legend(figure, axes[:1], style.columns(3))
    return figure


DRAWING = VerdictDrawing(
    name="problems",
    claims=(),
    rank=-1,
    caption="every held-out problem: trained runs, the limit predicted from their labels and "
    "start, and the fitted bounds",
    apart=False,
    shows=shows,
    measure=measure,
    draw=draw,
)
