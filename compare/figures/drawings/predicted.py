"""Every logged quantity of a cell: its runs, and what the limit predicts of them."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from ...cells import CellResult, Study
from ..axes import LETTERS, number_ticks, small_panels, step_axis, two_lines, under_legend
from ..panels import drawable
from ..registry import CellDrawing
from ..rows import cell_title, foreseen, quantile
from ..style import GREY, SMALL, Style
from ..table import BAND, Row, Table
from ..words import CELL

Array = NDArray[np.float64]

#: Quantities with a logarithmic axis, and what is not a quantity of the runs.
_LOGARITHMIC = ("train_loss", "residual_clean", "residual_all")
#: -log P from which its axis is logarithmic; panels beside each other.
_DEEP, _BESIDE = 10.0, 4
_LEFT_OUT = ("failure_prob_error",)
_NAMES = {
    "log_failure_prob": r"$-\log\,P$",
    "attention_clean": "attention (kept)",
    "attention_flipped": "attention (flipped)",
    "attention_test": "attention (fresh)",
    "v_plus": "$V_+$",
    "v_minus": "$V_-$",
    "v_noise_clean": "$V_n$ (kept)",
    "v_noise_flipped": "$V_n$ (flipped)",
}


def measure(study: Study, result: CellResult) -> Table:
    """A panel for each quantity that both have: median and band over runs, and the predictions'.

    Nothing where curves were measured elsewhere, or the limit does not describe the problem.
    """
    made, limit = result.trajectory, foreseen(result)
    if limit is None:
        return Table(())
    names = [n for n in made.quantities if n in limit.quantities and n not in _LEFT_OUT]
    rows: list[Row] = []
    for rank, name in enumerate(names):
        head: Row = {"drawing": "predicted", "panel": LETTERS[rank % 26], "quantity": name}
        for kind, values in (("trained", made[name]), ("predicted", limit[name])):
            shown = -values[result.ok] if name == "log_failure_prob" else values[result.ok]
            low, middle, high = (quantile(shown, share) for share in (BAND[0], 0.5, BAND[1]))
            rows += [
                {**head, "kind": kind, "step": int(step), "value": float(b), "low": float(a),
                 "high": float(c)}
                for step, a, b, c in zip(made.steps, low, middle, high, strict=True)
                if np.isfinite(b)
            ]  # fmt: skip
    last = float(made.steps.max())
    for event in ("T1", "T2", "T3"):
        times = result.events[event][np.isfinite(result.events[event])]
        if times.size and np.median(times) <= last:
            rows.append({"drawing": "predicted", "kind": "event", "series": event,
                         "step": float(np.median(times))})  # fmt: skip
    about: Row = {"drawing": "predicted", "kind": "about", "quantity": cell_title(result)}
    return Table((about, *rows))


def draw(table: Table, style: Style) -> Figure:
    """Small panels: the runs as a grey band with their median, the limit dashed over it."""
    curves = Table(tuple(row for row in table if row.get("quantity") and row["kind"] != "about"))
    names = curves.texts("quantity")
    figure, axes = small_panels(style, len(names), height=1.5, share=False)
    last = float(curves.column("step").max())
    events = len(table.select(kind="event")) > 0
    for rank, (ax, name) in enumerate(zip(axes, names, strict=True)):
        for kind, color, line in (("trained", CELL, "-"), ("predicted", style.color(1), "--")):
            part = curves.select(quantity=name, kind=kind)
            if not len(part):
                continue
            steps, low, high = (part.column(column) for column in ("step", "low", "high"))
            if kind == "trained":
                ax.fill_between(steps, low, high, color=color, alpha=0.35, linewidth=0)
            else:
                for end in (low, high):
                    ax.plot(steps, end, color=color, linestyle=":", linewidth=0.8)
            ax.plot(
                steps, drawable(part, "value"), color=color, linestyle=line, linewidth=1.2,
                zorder=3,
            )  # fmt: skip
        for at in table.select(kind="event").column("step") if events else ():
            ax.axvline(float(at), color=GREY, linestyle=":", linewidth=0.9, zorder=0)
        _vertical_axis(ax, name, curves.select(quantity=name))
        step_axis(ax, max(last, 1.0), sparse=True)
        ax.tick_params(labelsize=SMALL)
        if rank >= len(names) - _BESIDE:
            ax.set_xlabel("gradient step", fontsize=SMALL)
        two_lines(ax, rank, _NAMES.get(name, name.replace("_", " ")), "", "black")
    (about,) = table.select(kind="about")
    title = f"{about['quantity']}; $P = \\Pr[\\hat{{y}}f \\leq 0]$, kept and flipped labels"
    if style.width == "one":
        title = title.replace("; ", "\n")
    figure.suptitle(title, fontsize=SMALL, x=0.01, ha="left")
    under_legend(
        figure,
        [
            Line2D([], [], color=CELL, linewidth=1.2, label="median of trained runs"),
            Patch(color=CELL, alpha=0.35, label="trained runs, 10 to 90%"),
            Line2D([], [], color=style.color(1), linestyle="--", label="the limit, median"),
            Line2D([], [], color=style.color(1), linestyle=":", label="the limit, 10 to 90%"),
            Line2D([], [], color=GREY, linestyle=":", label="$T_1$, $T_2$, $T_3$"),
        ],
    )
    return figure


def _vertical_axis(ax: Axes, name: str, part: Table) -> None:
    """Logarithmic for what falls, and for -log P where that grows far beyond 1."""
    if name in _LOGARITHMIC:
        ax.set_yscale("log")
        number_ticks(ax, "y")
    elif name == "log_failure_prob" and np.nanmax(part.column("value")) > _DEEP:
        ax.set_yscale("symlog", linthresh=1.0)
        ax.set_ylim(bottom=0)
    else:
        ax.ticklabel_format(axis="y", useOffset=False)


DRAWING = CellDrawing(
    name="predicted",
    caption="Every logged quantity of trained runs, and the limit from their labels and start, "
    "with nothing fitted",
    claims=("L1", "L2", "L3", "L4"),
    measure=measure,
    draw=draw,
    foremost=True,
)
