"""The limit's error against d and against d_h."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from ...cells import Role, Study, taught_nothing
from ...predicted.runs import complete
from ...predicted.sizes import LOSSES, NUMBERS, chain, mean_error
from ...verdict import Verdict
from ..axes import label_axes, panel_row, shared_legend, two_lines
from ..registry import VerdictDrawing
from ..style import GREY, Style
from ..symbols import symbol_label
from ..table import BAND, Row, Table
from ..words import verdict_look

#: The power that the claim states.
_LAW = -0.5


def shows(study: Study, verdict: Verdict) -> bool:
    """Whether it is about how the limit's error falls and has cells."""
    return verdict.claim == "L6" and any(study.select(kind="limit-size"))


def measure(study: Study, verdicts: Sequence[Verdict]) -> Table:
    """A panel for each number: median and band of the runs' errors in each cell, and the powers."""
    rows: list[Row] = []
    cells = list(study.select(Role.HELD_OUT, "limit-size"))
    for verdict in verdicts:
        rows.append({"drawing": "sizes", "kind": "verdict", "claim": verdict.claim,
                     "word": verdict.word})  # fmt: skip
        for number in NUMBERS:
            for quantity in LOSSES:
                head: Row = {"drawing": "sizes", "number": number, "quantity": quantity}
                for cell in chain(cells, number):
                    errors = mean_error(cell.trained, quantity)
                    errors = errors[complete(cell) & ~taught_nothing(cell)]
                    if not errors.size:
                        continue
                    low, middle, high = np.quantile(errors, (BAND[0], 0.5, BAND[1]))
                    rows.append(
                        {**head, "kind": "cell", "cell": cell.cell.name,
                         "x": cell.values[number], "value": float(middle), "low": float(low),
                         "high": float(high)}
                    )  # fmt: skip
                line = verdict.evidence.get("powers", {}).get(f"{quantity}, {number}")
                if line:
                    low, high = line["interval"]
                    rows.append({**head, "kind": "power", "value": float(line["power"]),
                                 "low": float(low), "high": float(high)})  # fmt: skip
    return Table(tuple(rows))


def draw(table: Table, style: Style) -> Figure:
    """Both axes logarithmic; a grey line falls with the law's power."""
    numbers = table.texts("number")
    figure, axes = panel_row(style, len(numbers))
    word = str(table.select(kind="verdict").rows[0]["word"])
    claim = str(table.select(kind="verdict").rows[0]["claim"])
    for rank, (ax, number) in enumerate(zip(axes, numbers, strict=True)):
        _panel(ax, table.select(number=number), style)
        label_axes(ax, symbol_label(number), "relative error of the limit")
        said = [
            f"{row['quantity']}: power {float(str(row['value'])):.3f} "
            f"[{float(str(row['low'])):.3f}, {float(str(row['high'])):.3f}]"
            for row in table.select(kind="power", number=number)
        ]
        two_lines(
            ax, rank, f"{claim}: {word}", "\n".join(said).replace("_", " "),
            verdict_look(word).ink(style),
        )  # fmt: skip
    shared_legend(figure, axes, style.columns(3))
    return figure


def _panel(ax: Axes, panel: Table, style: Style) -> None:
    for rank, quantity in enumerate(panel.texts("quantity")):
        part = panel.select(kind="cell", quantity=quantity)
        x, value = part.column("x"), part.column("value")
        bars = np.vstack([value - part.column("low"), part.column("high") - value])
        ax.errorbar(
            x, value, yerr=bars, linestyle="", marker=style.marker(rank), markersize=4,
            color=style.color(2 * rank), elinewidth=0.8, capsize=1.5,
            label=quantity.replace("_", " "),
        )  # fmt: skip
        constant = np.exp(np.mean(np.log(value) - _LAW * np.log(x)))
        ax.plot(
            x, constant * x**_LAW, color=GREY, linewidth=0.9, zorder=0,
            label="power -1/2" if rank == 0 else None,
        )  # fmt: skip
    ax.set_xscale("log")
    ax.set_yscale("log")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_formatter(NullFormatter())


DRAWING = VerdictDrawing(
    name="sizes",
    claims=(),
    rank=7,
    caption="the limit's error, root mean square over training, against the input dimension and "
    "the query/key dimension; bars hold the runs from 10% to 90%",
    apart=True,
    shows=shows,
    measure=measure,
    draw=draw,
    foremost=True,
)
