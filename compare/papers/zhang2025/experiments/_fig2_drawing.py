"""Fig. 2: a map of the mean test loss over SNR and N for each flip probability."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from ....figures.axes import heading, names
from ....figures.draw import color_bar, log_map, plain_ticks, raster
from ....figures.style import VERMILLION, Look
from ....figures.table import Table

_TICKS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0]


def paint(table: Table, look: Look) -> Figure:
    """One panel a flip probability, all in one colour scale; a dot where most runs stayed short."""
    flips = table.numbers("flip_prob")
    figure, axes = look.grid(1, len(flips), height=2.3, share="y")
    mean = table.column("mean")
    low, high = float(np.nanmin(mean)), float(np.nanmax(mean))
    scale = LogNorm(low, high)
    for rank, (ax, p) in enumerate(zip(axes, flips, strict=True)):
        panel = table.select(flip_prob=p)
        x, y, values = raster(panel, "snr", "n_samples", "mean")
        mesh = log_map(ax, x, y, values, norm=scale, cmap=look.sequential)
        short = panel.column("missed_target") * 2 > panel.column("runs")
        ax.scatter(
            panel.column("snr")[short], panel.column("n_samples")[short], s=12, marker=".",
            color="black" if look.style == "grey" else VERMILLION, linewidths=0,
        )  # fmt: skip
        plain_ticks(ax, "y", [2, 4, 8, 12, 20])
        names(ax, "SNR", "N" if rank == 0 or look.width == "one" else "")
        heading(ax, "abcdefgh"[rank], f"$p$ = {p:g}")
    bar = color_bar(figure, mesh, axes, "mean test loss")
    # numbers that would touch log 2 make room for it
    room = 0.07 * math.log(high / low)
    apart = [one for one in _TICKS if abs(math.log(one / math.log(2))) > room]
    bar.ax.yaxis.set_major_locator(FixedLocator([*apart, math.log(2)]))
    bar.ax.yaxis.set_major_formatter(FuncFormatter(_name))
    bar.ax.yaxis.set_minor_locator(NullLocator())
    return figure


def _name(value: float, _: int) -> str:
    return "log 2" if abs(value - math.log(2)) < 1e-9 else f"{value:g}"
