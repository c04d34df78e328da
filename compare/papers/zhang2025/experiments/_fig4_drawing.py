"""Fig. 4: the constant C against p, and N against 1/SNR² where the map crosses the cut-off."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .....theory import get_theorem
from ....figures.axes import heading, names
from ....figures.draw import legend_under, plain_ticks
from ....figures.style import BLACK, GREY, SMALL, Look
from ....figures.table import Table

_QUANTITIES = {"test_loss": "test loss", "test_error": "test error"}
_MAIN_STD = 2.0


def paint(table: Table, look: Look) -> Figure:
    """Panels a to c."""
    figure, axes = look.grid(1, 3, height=3.2)
    flips = sorted(table.numbers("flip_prob"))
    _constants(axes[0], table.select(part="constant"), look)
    for ax, letter, quantity in zip(axes[1:], "bc", _QUANTITIES, strict=True):
        _crossings(ax, table.select(part="crossing", quantity=quantity), flips, look)
        heading(ax, letter, f"crossings, {_QUANTITIES[quantity]}")
    return figure


def _constants(ax: Axes, table: Table, look: Look) -> None:
    for rank, (quantity, name) in enumerate(_QUANTITIES.items()):
        for std in table.numbers("noise_std"):
            part = table.select(quantity=quantity, noise_std=std)
            p, middle = part.column("flip_prob"), part.column("constant")
            if not np.isfinite(middle).any():
                continue
            bars = np.vstack(
                [middle - part.column("constant_low"), part.column("constant_high") - middle]
            )
            main = std == _MAIN_STD
            ax.errorbar(
                p + (0.0 if main else 0.012), middle, yerr=np.abs(bars), color=look.color(rank),
                marker=look.marker(rank), markersize=4, linewidth=1.2 if main else 0,
                elinewidth=0.8, capsize=2, markerfacecolor=look.color(rank) if main else "white",
                label=name if main else rf"{name}, $\sigma_p$ = {std:g}",
            )  # fmt: skip
    ax.set_yscale("log")
    ax.set_xlim(-0.02, None)
    tag = get_theorem("benign").condition.provenance.value
    names(ax, "flip probability $p$", f"C of N·SNR² = C ({tag})")
    heading(ax, "a", "constant of the boundary")
    legend_under(ax)


def _crossings(ax: Axes, table: Table, flips: list[float], look: Look) -> None:
    """Points of each flip probability, and a line of slope 1 that the law asks for."""
    for std in table.numbers("noise_std"):
        for rank, p in enumerate(flips):
            part = table.select(noise_std=std, flip_prob=p)
            if not len(part):
                continue
            main = std == _MAIN_STD
            name = f"$p$ = {p:g}" + ("" if main else rf", $\sigma_p$ = {std:g}")
            color = look.color(rank) if main else GREY
            ax.plot(
                part.column("inverse_snr_squared"), part.column("n_samples"), color=color,
                marker=look.marker(rank), markersize=3.5, linewidth=0.8,
                linestyle="-" if main else "--", markerfacecolor=color if main else "white",
                label=f"{name}: {part.column('correlation')[0]:.2f}",
            )  # fmt: skip
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_ylim(1.7, 24)
    if len(table):
        x = table.column("inverse_snr_squared")
        middle = float(np.exp(np.log(table.column("n_samples") / x).mean()))
        line = np.geomspace(x.min(), x.max(), 50)
        ax.plot(line, middle * line, color=BLACK, linestyle=":", linewidth=0.9, label="slope 1")
        legend_under(ax, 2, "correlation of the logarithms")
    else:
        ax.text(0.5, 0.5, "no crossings at three N", transform=ax.transAxes, fontsize=SMALL,
                ha="center")  # fmt: skip
    plain_ticks(ax, "y", [2, 4, 8, 12, 20])
    names(ax, "1/SNR² at the crossing", "N")
