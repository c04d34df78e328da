"""Panels, axes, ticks and legends shared by figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import (
    FixedLocator,
    FuncFormatter,
    NullFormatter,
    NullLocator,
    SymmetricalLogLocator,
)

from .render import NotebookFigure
from .style import GREY, ONE_COLUMN, SMALL, TEXT, TWO_COLUMNS, Style
from .table import Table

#: Letters of panels.
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def panel_grid(
    style: Style, rows: int, columns: int, height: float = 2.1, share: str = "none"
) -> tuple[Figure, list[Axes]]:
    """Panels row by row; stacked if the figure is one print column wide.

    Args:
        style: the width of the figure.
        rows: rows of panels at a width of two print columns.
        columns: columns of panels at a width of two print columns.
        height: height of a row, in inches.
        share: ``"none"``, or ``"y"`` if the panels of a row share their vertical axis.
    """
    if style.width == "one":
        rows, columns = rows * columns, 1
    figure = NotebookFigure(figsize=(style.inches, rows * height + 0.5), layout="constrained")
    shared = share == "y" and columns > 1
    axes = figure.subplots(rows, columns, squeeze=False, sharey="row" if shared else "none")
    return figure, _open(axes.flat)


def panel_row(style: Style, panels: int) -> tuple[Figure, list[Axes]]:
    """Panels side by side in two print columns, stacked in one; a single panel takes one."""
    wide = style.width == "two" or (style.width == "own" and panels > 1)
    stacked = 1 if wide else panels
    size = (TWO_COLUMNS if wide else ONE_COLUMN, 3.0 if stacked == 1 else 2.6 * stacked)
    figure = NotebookFigure(figsize=size, layout="constrained")
    return figure, _open(figure.subplots(stacked, panels if wide else 1, squeeze=False).flat)


def small_panels(
    style: Style, panels: int, height: float = 1.55, most: int = 4, share: bool = True
) -> tuple[Figure, list[Axes]]:
    """Small panels row by row, as many beside each other as stay readable.

    Args:
        style: the width of the figure.
        panels: how many.
        height: height of a row, in inches.
        most: panels beside each other at a width of two print columns.
        share: whether all panels share their vertical axis.
    """
    widest = 2 if style.width == "one" else most
    columns = min(panels, widest)
    if panels in (5, 6, 9) and widest > 3:
        columns = 3
    rows = -(-panels // columns)
    narrow = style.width == "one" or (style.width == "own" and panels == 1)
    size = (ONE_COLUMN if narrow else TWO_COLUMNS, rows * height + 0.7)
    figure = NotebookFigure(figsize=size, layout="constrained")
    axes = _open(figure.subplots(rows, columns, squeeze=False, sharey=share).flat)
    for ax in axes[panels:]:
        ax.remove()
    return figure, axes[:panels]


def row_panels(
    style: Style, lines: Sequence[int], line: float = 0.17, most: int = 3
) -> tuple[Figure, list[Axes]]:
    """Panels of horizontal rows, each row of the same height whatever the panel.

    Args:
        style: the width of the figure.
        lines: rows of each panel.
        line: height of a row, in inches.
        most: panels beside each other at a width of two print columns.
    """
    columns = min(len(lines), 2 if style.width == "one" else most)
    rows = -(-len(lines) // columns)
    tall = [max(lines[row * columns : (row + 1) * columns]) for row in range(rows)]
    narrow = style.width == "one" or (style.width == "own" and len(lines) == 1)
    height = sum(tall) * line + rows * 0.85 + 0.5
    figure = NotebookFigure(
        figsize=(ONE_COLUMN if narrow else TWO_COLUMNS, height), layout="constrained"
    )  # fmt: skip
    grid = figure.subplots(rows, columns, squeeze=False, height_ratios=[n + 1 for n in tall])
    axes = _open(grid.flat)
    for ax in axes[len(lines) :]:
        ax.remove()
    return figure, axes[: len(lines)]


def under_legend(figure: Figure, handles: Sequence[Artist]) -> None:
    """A legend of given entries below all panels, where it hides no data."""
    most = 6 if figure.get_figwidth() > ONE_COLUMN else 2
    rows = -(-len(handles) // most)
    figure.legend(
        handles=list(handles), loc="outside lower center", ncols=-(-len(handles) // rows),
        fontsize=SMALL, frameon=False, handlelength=2.2, columnspacing=1.2,
    )  # fmt: skip


def over_all(figure: Figure, title: str, vertical: str) -> None:
    """A title over all panels, and one name for their vertical axes."""
    figure.suptitle(title, fontsize=TEXT, x=0.01, ha="left", fontweight="bold")
    figure.supylabel(vertical, fontsize=TEXT)


def _open(panels: Iterable[Axes]) -> list[Axes]:
    """Panels with small tick labels, open at the top and at the right."""
    axes = list(panels)
    for ax in axes:
        ax.tick_params(which="both", labelsize=SMALL)
        ax.spines[["top", "right"]].set_visible(False)
    return axes


def heading(ax: Axes, letter: str, about: str) -> None:
    """``(a) about`` over the left end of a panel."""
    ax.set_title(f"({letter}) {about}", fontsize=TEXT, loc="left")


def two_lines(ax: Axes, rank: int, about: str, more: str, color: str) -> None:
    """``(a) about`` in a colour over a panel, and under it one or two lines in small letters."""
    ax.set_title(more, fontsize=SMALL, loc="left")
    lines = more.count("\n") + 1 if more else 0
    ax.annotate(
        f"({LETTERS[rank % 26]}) {about}", (0, 1), (0, 4 + 10 * lines),
        xycoords="axes fraction", textcoords="offset points", fontsize=TEXT, color=color,
        ha="left", va="bottom",
    )  # fmt: skip


def label_axes(ax: Axes, x: str, y: str) -> None:
    """Name the axes of a panel."""
    ax.set_xlabel(x, fontsize=TEXT)
    ax.set_ylabel(y, fontsize=TEXT)


def reference_line(ax: Axes, height: float, name: str) -> None:
    """A thin horizontal line at a reference value."""
    ax.axhline(height, color=GREY, linestyle=(0, (1, 1.5)), linewidth=0.9, label=name, zorder=0)


def step_axis(ax: Axes, last: float, *, sparse: bool = False) -> None:
    """A logarithmic step axis that still shows step 0, left of step 1.

    Args:
        ax: the panel.
        last: the last step.
        sparse: label 0 and every second power of ten from 100 on, for a small panel.
    """
    ax.set_xscale("symlog", linthresh=1.0, linscale=0.5)
    ax.set_xlim(0, last)
    ax.xaxis.set_major_locator(SymmetricalLogLocator(linthresh=1.0, base=10.0))
    if sparse and last >= 100:
        powers = range(2, math.floor(math.log10(last)) + 1, 2)
        ax.xaxis.set_major_locator(FixedLocator([0.0, *(10.0**power for power in powers)]))
    ax.xaxis.set_minor_locator(NullLocator())


def training_axis(ax: Axes, table: Table, quantity: str) -> None:
    """The steps of a table on a `step_axis`, and the name of the quantity over them."""
    step_axis(ax, int(table.column("step").max()))
    label_axes(ax, "gradient step", quantity)


def powers_of_ten(ax: Axes) -> None:
    """Label log10 values as numbers; far below 0.1 the axis becomes doubly logarithmic."""
    low = ax.dataLim.y0
    if low > -2:
        ticks = [2, 1, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01]
        ax.yaxis.set_major_locator(FixedLocator([math.log10(tick) for tick in ticks]))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda power, _: f"{10**power:g}"))
        return
    ax.set_yscale("symlog", linthresh=1.0, linscale=0.5)
    ax.yaxis.set_major_locator(SymmetricalLogLocator(linthresh=1.0, base=10.0))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda power, _: f"$10^{{{power:g}}}$"))
    ax.set_ylim(1.3 * low, max(0.3, ax.dataLim.y1))


def axis_scale(ax: Axes) -> str:
    """What the scale of a vertical axis of logarithms is, for its name."""
    return "log of a log scale" if ax.get_yscale() == "symlog" else "log scale"


def plain_ticks(ax: Axes, axis: str, at: list[float]) -> None:
    """Ticks at given numbers of a log axis, written out."""
    chosen = ax.xaxis if axis == "x" else ax.yaxis
    chosen.set_major_locator(FixedLocator(at))
    chosen.set_minor_locator(NullLocator())
    chosen.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    chosen.set_minor_formatter(NullFormatter())


def number_ticks(ax: Axes, axis: str) -> None:
    """Ticks at 1, 2 and 5 times powers of ten on a log axis, and more on a short axis."""
    low, high = ax.get_ylim() if axis == "y" else ax.get_xlim()
    subs: tuple[float, ...] = (1.0, 2.0, 5.0)
    if high / low < 12:
        subs = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
    if high / low < 2:
        subs = tuple(1.0 + step / 10 for step in range(0, 90, 2))
    powers = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    ticks = np.outer(powers, subs).ravel()
    plain_ticks(ax, axis, [float(tick) for tick in ticks if low <= tick <= high])


def panel_legend(ax: Axes, columns: int = 1, title: str | None = None) -> None:
    """A panel's legend below its axis, where it hides no data."""
    ax.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=columns, title=title,
        fontsize=SMALL, title_fontsize=SMALL, frameon=False, handlelength=1.8,
        columnspacing=1.0, labelspacing=0.3,
    )  # fmt: skip


def shared_legend(figure: Figure, axes: list[Axes], columns: int) -> None:
    """One legend for all panels, below them, where it hides no data."""
    entries: dict[str, Artist] = {}
    for ax in axes:
        for handle, text in zip(*ax.get_legend_handles_labels(), strict=True):
            entries.setdefault(str(text), handle)
    figure.legend(
        list(entries.values()), list(entries), loc="outside lower center", ncols=columns,
        fontsize=SMALL, frameon=False, handlelength=2.2, columnspacing=1.2,
    )  # fmt: skip
