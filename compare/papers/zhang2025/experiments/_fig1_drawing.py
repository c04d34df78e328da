"""Fig. 1: pairs of panels, benign left and harmful right; a colour for each flip probability."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ....figures.axes import heading, line_at
from ....figures.draw import band_curve, training_axis
from ....figures.style import SMALL, TEXT, Look
from ....figures.table import Table

#: Quantity -> name of its axis and the line style of each series.
_SHOWN: dict[str, tuple[str, dict[str, str]]] = {
    "losses": ("loss", {"train loss": ":", "test loss": "-"}),
    "attention": ("attention on the signal", {"clean": "-", "flipped": "--"}),
    "values": ("value projection", {"signal": "-", "noise": ":"}),
}
_NAMES = {
    "train loss": "train loss",
    "test loss": "test loss",
    "clean": "clean, train",
    "flipped": "flipped, train",
    "signal": r"$(V_+ - V_-)/2$",
    "noise": r"mean $|V_n|$",
}


def paint(table: Table, look: Look) -> Figure:
    """Panels a to f."""
    figure, axes = look.grid(3, 2, height=2.0)
    flips = table.numbers("flip_prob")
    for ax, letter in zip(axes, table.texts("panel"), strict=True):
        panel = table.select(panel=letter)
        quantity = panel.texts("quantity")[0]
        axis, styles = _SHOWN[quantity]
        for rank, p in enumerate(flips):
            for series, style in styles.items():
                part = panel.select(flip_prob=p, series=series)
                if len(part):
                    band_curve(ax, part, look.color(rank), style=style, band=style == "-")
        for series, style in styles.items():
            ax.plot([], [], color="black", linestyle=style, linewidth=1.3, label=_NAMES[series])
        training_axis(ax, panel, axis)
        if quantity == "attention":
            line_at(ax, 0.5, "_uniform")
            ax.set_ylim(0, 1)
        elif quantity == "losses":
            ax.set_yscale("log")
        heading(ax, letter, f"{panel.texts('regime')[0]}: {quantity}")
        ax.legend(fontsize=SMALL, frameon=False, loc="best", handlelength=1.8)
    _color_legend(figure, look, flips)
    return figure


def _color_legend(figure: Figure, look: Look, flips: list[float]) -> None:
    """Which colour stands for which flip probability."""
    handles = [Line2D([], [], color=look.color(rank), linewidth=2.5) for rank in range(len(flips))]
    figure.legend(
        handles, [f"$p$ = {p:g}" for p in flips], loc="outside lower center", ncols=len(flips),
        fontsize=TEXT, frameon=False,
    )  # fmt: skip
