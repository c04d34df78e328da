"""Axes and legends that figures have in common."""

from __future__ import annotations

import math

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, SymmetricalLogLocator

from .style import GREY, SMALL, TEXT


def step_axis(ax: Axes, last: float) -> None:
    """A logarithmic step axis that still shows step 0, left of step 1."""
    ax.set_xscale("symlog", linthresh=1.0, linscale=0.5)
    ax.set_xlim(0, last)
    ax.xaxis.set_major_locator(SymmetricalLogLocator(linthresh=1.0, base=10.0))
    ax.xaxis.set_minor_locator(NullLocator())


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


def heading(ax: Axes, letter: str, about: str) -> None:
    """``(a) about`` over the left end of a panel."""
    ax.set_title(f"({letter}) {about}", fontsize=TEXT, loc="left")


def names(ax: Axes, x: str, y: str) -> None:
    """Name the axes of a panel."""
    ax.set_xlabel(x, fontsize=TEXT)
    ax.set_ylabel(y, fontsize=TEXT)


def line_at(ax: Axes, height: float, name: str) -> None:
    """A thin horizontal line at a value to compare with."""
    ax.axhline(height, color=GREY, linestyle=(0, (1, 1.5)), linewidth=0.9, label=name, zorder=0)
