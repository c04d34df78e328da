"""What is measured against what the bound says, over all held-out cells of a theorem's bounds."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from ....theory import Bound
from ...cells import CellResult, Role, Study
from ...events import steps_by_run
from ...fitting.bounds import bound_along, log_excess, speaks_of
from ...verdict import Verdict
from ..axes import LETTERS, label_axes, small_panels, two_lines, under_legend
from ..panels import literal
from ..registry import VerdictDrawing
from ..rows import problem_words
from ..style import GREY, SMALL, Style
from ..symbols import small_axes, symbol_label
from ..table import Row, Table, whole
from ..words import verdict_look

Array = NDArray[np.float64]

#: Points shown of a cell, spread over the runs' stages.
POINTS = 10
#: Letters that fit over a panel.
_TITLE = 29
#: Letters from which a floor is not written on an axis.
_LONG = 10
_LN10 = float(np.log(10))


def shows(study: Study, verdict: Verdict) -> bool:
    """Whether it is a verdict on a bound, with its constants, on held-out cells of the study."""
    bound = _bound(study, verdict)
    if bound is None or verdict.discrimination is None or not _cells(study, bound):
        return False
    names = [str(constant) for constant in study.theorem.continuous(bound).constants]
    return all(name in study.constants for name in names)


def _bound(study: Study, verdict: Verdict) -> Bound | None:
    return next((bound for bound in study.theorem.bounds if bound.name == verdict.claim), None)


def _cells(study: Study, bound: Bound) -> list[CellResult]:
    return [
        result
        for result in study.select(Role.HELD_OUT, "stage")
        if result.ok.any()
        and speaks_of(bound, result)
        and bound.quantity in result.trajectory.quantities
    ]


def measure(study: Study, verdicts: Sequence[Verdict]) -> Table:
    """A panel for each bound: log10 of bound and measured excess at points of every cell's stage.

    At each point of a cell the median over its runs, and the run closest to the bound or furthest
    beyond it; and over all cells, runs and steps the worst.
    """
    rows: list[Row] = []
    for rank, verdict in enumerate(verdicts):
        bound = _bound(study, verdict)
        assert bound is not None
        head: Row = {"drawing": "measured", "panel": LETTERS[rank % 26],
                     "bound": bound.name}  # fmt: skip
        rows.append(
            {**head, "kind": "bound", "side": bound.kind, "quantity": bound.quantity,
             "floor": str(bound.floor), "verdict": verdict.word}
        )  # fmt: skip
        worst: Row | None = None
        for result in _cells(study, bound):
            for row in _of_cell(study, result, bound):
                if row["kind"] != "worst":
                    rows.append({**head, **row})
                elif worst is None or _beyond(row, bound) > _beyond(worst, bound):
                    worst = row
        if worst is not None:
            rows.append({**head, **worst})
    return Table(tuple(rows))


def _beyond(row: Row, bound: Bound) -> float:
    """How far a point lies beyond the bound."""
    gap = float(str(row["value"])) - float(str(row["x"]))
    return gap if bound.kind == "upper" else -gap


def _of_cell(study: Study, result: CellResult, bound: Bound) -> Iterator[Row]:
    limit = bound_along(study, result, bound, study.constants.widened(), log=True) / _LN10
    excess = log_excess(study, result, bound) / _LN10
    known = np.isfinite(limit) & np.isfinite(excess) & result.ok[:, None]
    if not known.any():
        return
    head: Row = {"cell": result.cell.name, "inside": int(result.inside)}
    sign = 1.0 if bound.kind == "upper" else -1.0
    beyond = np.where(known, sign * (excess - limit), -np.inf)
    at = _spread(known)
    for slot in range(at.shape[1]):
        runs = np.flatnonzero(at[:, slot] >= 0)
        if not len(runs):
            continue
        x, y = limit[runs, at[runs, slot]], excess[runs, at[runs, slot]]
        near = int(np.argmax(sign * (y - x)))
        yield {**head, "kind": "median", "x": float(np.median(x)), "value": float(np.median(y))}
        yield {**head, "kind": "nearest run", "x": float(x[near]), "value": float(y[near])}
    run, step = np.unravel_index(int(np.argmax(beyond)), beyond.shape)
    yield {
        **head, "kind": "worst", "x": float(limit[run, step]), "value": float(excess[run, step]),
        "run": result.trajectory.seeds[run].item(), "problem": problem_words(result),
        "step": whole(float(steps_by_run(result.trajectory)[run, step])),
    }  # fmt: skip


def _spread(known: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(R, POINTS) columns spread evenly over each run's known points; -1 for none."""
    out = np.full((len(known), POINTS), -1)
    for run in np.flatnonzero(known.any(axis=1)):
        on = np.flatnonzero(known[run])
        out[run] = on[np.linspace(0, len(on) - 1, POINTS).round().astype(int)]
    return out


def draw(table: Table, style: Style) -> Figure:
    """Panels with equal logarithmic axes; on the far side of the diagonal the bound fails."""
    bounds = table.select(kind="bound")
    figure, axes = small_panels(style, len(bounds), height=2.4, most=3, share=False)
    for rank, (ax, row) in enumerate(zip(axes, bounds, strict=True)):
        _panel(ax, table.select(bound=row["bound"]), row, style)
        word, name = str(row["verdict"]), literal(str(row["bound"]))
        two_lines(ax, rank, f"{name}: {word}", _worst(table, row), verdict_look(word).ink(style))
    under_legend(figure, _handles(table, style))
    return figure


def _panel(ax: Axes, panel: Table, row: Row, style: Style) -> None:
    points = Table(tuple(each for each in panel if each["kind"] != "bound"))
    label_axes(ax, "bound", _over_floor(row))
    if not len(points):
        ax.text(0.5, 0.5, "nothing above the floor", transform=ax.transAxes, ha="center",
                fontsize=SMALL)  # fmt: skip
        return
    both = np.concatenate([points.column("x"), points.column("value")])
    low, high = float(both.min()), float(both.max())
    small_axes(ax, low, high)
    (left, right), upper = ax.get_xlim(), row["side"] == "upper"
    ax.plot([left, right], [left, right], color=GREY, linewidth=0.9, zorder=1)
    ax.fill_between(
        [left, right], [left, right], right if upper else left, color=style.color(1), alpha=0.1,
        linewidth=0, zorder=0,
    )  # fmt: skip
    for kind, size in (("nearest run", 1.6), ("median", 3.2)):
        for inside, face in ((1, style.color(0)), (0, "white")):
            some = points.select(kind=kind, inside=inside)
            if len(some):
                ax.plot(
                    some.column("x"), some.column("value"), linestyle="", marker="o",
                    color=style.color(0) if kind == "median" else GREY, markersize=size,
                    markerfacecolor=face if kind == "median" else GREY, markeredgewidth=0.6,
                    zorder=3 if kind == "median" else 2,
                )  # fmt: skip
    worst = points.select(kind="worst")
    if len(worst):
        ax.plot(
            worst.column("x"), worst.column("value"), linestyle="", marker="o", markersize=7,
            markerfacecolor="none", markeredgewidth=1.3, color=style.color(1), zorder=4,
        )  # fmt: skip


def _worst(table: Table, bound: Row) -> str:
    """Where the worst point is."""
    rows = table.select(kind="worst", bound=bound["bound"]).rows
    if not rows:
        return ""
    row = rows[0]
    text = f"worst: {row.get('problem') or row['cell']}, run {row['run']}, step {row['step']}"
    return literal("\n".join(textwrap.wrap(text, _TITLE)[:3]))


def _over_floor(row: Row) -> str:
    """The quantity less its floor, in words."""
    quantity, floor = literal(str(row["quantity"]).replace("_", " ")), str(row["floor"])
    if floor == "0":
        return quantity
    if len(floor) > _LONG:
        return f"{quantity} over its floor"
    return f"{quantity} − {symbol_label(floor)}"


def _handles(table: Table, style: Style) -> list[Line2D]:
    inside = {row["inside"] for row in table if row.get("kind") == "median"}
    medians = {1: ("median, inside", style.color(0)), 0: ("median, outside", "white")}
    handles = [
        _dot(label, style.color(0), 3.5, face)
        for side, (label, face) in medians.items()
        if side in inside
    ]
    return [
        *handles,
        _dot("run nearest the bound", GREY, 2.0, GREY),
        _dot("worst point", style.color(1), 6.0, "none"),
        Line2D([], [], color=style.color(1), alpha=0.25, linewidth=5, label="the bound fails"),
    ]


def _dot(label: str, color: str, size: float, face: str) -> Line2D:
    return Line2D(
        [], [], linestyle="", marker="o", color=color, markersize=size, markerfacecolor=face,
        label=label,
    )  # fmt: skip


DRAWING = VerdictDrawing(
    name="measured",
    claims=(),
    rank=1,
    caption="measured excess against its bound over all held-out cells, with the worst point",
    apart=False,
    shows=shows,
    measure=measure,
    draw=draw,
)
