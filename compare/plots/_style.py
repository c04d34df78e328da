"""Sizes, colours and the axes every figure starts from."""

from __future__ import annotations

import math

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, SymmetricalLogLocator

#: Okabe and Ito's colours, told apart by all common kinds of colour vision.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
BLUE, VERMILLION, PURPLE, GREY = "#0072B2", "#D55E00", "#CC79A7", "#666666"

#: Widths of one and two columns of print, in inches.
ONE_COLUMN, TWO_COLUMNS = 3.4, 7.0

#: Point sizes at print size.
TEXT, SMALL = 8.0, 7.0


def new_figure(panels: int) -> tuple[Figure, list[Axes]]:
    """A figure one column wide for one panel, two columns for two, and its axes."""
    width = ONE_COLUMN if panels == 1 else TWO_COLUMNS
    figure = Figure(figsize=(width, 3.0), layout="constrained")
    axes = [figure.add_subplot(1, panels, index + 1) for index in range(panels)]
    for ax in axes:
        ax.tick_params(which="both", labelsize=SMALL)
        ax.spines[["top", "right"]].set_visible(False)
    return figure, axes


def label(ax: Axes, quantity: str) -> None:
    """Name the axes."""
    ax.set_xlabel("gradient step", fontsize=TEXT)
    ax.set_ylabel(quantity, fontsize=TEXT)


def step_axis(ax: Axes, last: int) -> None:
    """A logarithmic step axis that still shows step 0, left of step 1."""
    ax.set_xscale("symlog", linthresh=1.0, linscale=0.5)
    ax.set_xlim(0, last)
    ax.xaxis.set_major_locator(SymmetricalLogLocator(linthresh=1.0, base=10.0))
    ax.xaxis.set_minor_locator(NullLocator())


def legend_below(figure: Figure, axes: list[Axes], columns: int) -> None:
    """One legend for all panels, under them, where it hides no data."""
    entries: dict[str, Artist] = {}
    for ax in axes:
        for handle, text in zip(*ax.get_legend_handles_labels(), strict=True):
            entries.setdefault(str(text), handle)
    figure.legend(
        list(entries.values()),
        list(entries),
        loc="outside lower center",
        ncols=columns,
        fontsize=SMALL,
        frameon=False,
        handlelength=2.2,
        columnspacing=1.2,
    )


def powers_of_ten(ax: Axes) -> None:
    """Label log10 values as numbers; far below 0.1 the axis runs doubly logarithmic."""
    low = ax.dataLim.y0
    if low > -2:
        numbers = [2, 1, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01]
        ax.yaxis.set_major_locator(FixedLocator([math.log10(one) for one in numbers]))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda power, _: f"{10**power:g}"))
        return
    ax.set_yscale("symlog", linthresh=1.0, linscale=0.5)
    ax.yaxis.set_major_locator(SymmetricalLogLocator(linthresh=1.0, base=10.0))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda power, _: f"$10^{{{power:g}}}$"))
    ax.set_ylim(1.3 * low, max(0.3, ax.dataLim.y1))
