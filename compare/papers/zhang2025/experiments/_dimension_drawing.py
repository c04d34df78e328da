"""Ours: maps over d and N·SNR² of how close to the best value training ends."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import Normal, Stroke

from ....figures.axes import heading, names
from ....figures.draw import color_bar, log_map, raster
from ....figures.style import ORANGE, SMALL, VERMILLION, Look
from ....figures.table import Table

_QUANTITIES = {"test_loss": "test loss", "test_error": "test error"}
#: Law -> how it is known, and its line.
_LAWS: dict[str, tuple[str, Any]] = {
    "N·SNR²": ("SOURCE", "-"),
    "N·d·SNR⁴": ("SOURCE: Kou 2023", "--"),
}
#: White lines are seen on light ground too.
_OUTLINE = [Stroke(linewidth=2.3, foreground="black"), Normal()]


def paint(table: Table, look: Look) -> Figure:
    """One row a scale of W_V, test loss left and test error right."""
    scales = table.numbers("value_scale")
    figure, axes = look.grid(len(scales), len(_QUANTITIES), height=2.3)
    colors = ("#000000", "#000000") if look.style == "grey" else (ORANGE, VERMILLION)
    rank = 0
    for scale in scales:
        for quantity, name in _QUANTITIES.items():
            ax = axes[rank]
            part = table.select(value_scale=scale, quantity=quantity)
            cells = part.select(part="cell")
            x, y, values = raster(cells, "dim", "strength", "score")
            mesh = log_map(ax, x, y, values, cmap=look.sequential, vmin=0.0, vmax=1.0)
            if np.nanmin(values) < 0.5 < np.nanmax(values):
                drawn = ax.contour(x, y, values, levels=[0.5], colors="white", linewidths=1.3)
                drawn.set_path_effects(_OUTLINE)
            _laws(ax, part.select(part="law"), cells.numbers("n_samples")[0], colors)
            names(ax, "d", "N·SNR²")
            heading(ax, "abcdefgh"[rank], rf"{name}, $\sigma_V$ = {scale:g} of its cap")
            rank += 1
    color_bar(figure, mesh, axes, "0: best value … 1: chance")
    handles = [
        Line2D([], [], color=color, linestyle=style, label=f"{law} = C, fitted ({tag})")
        for color, (law, (tag, style)) in zip(colors, _LAWS.items(), strict=True)
    ]
    half = Line2D([], [], color="white", linewidth=1.3, label="half-way")
    half.set_path_effects(_OUTLINE)
    figure.legend(
        handles=[half, *handles], loc="outside lower center",
        ncols=3 if look.width != "one" else 1, fontsize=SMALL, frameon=False,
    )  # fmt: skip
    return figure


def _laws(ax: Axes, laws: Table, n_samples: float, colors: tuple[str, str]) -> None:
    """N·SNR² = C is level; N·d·SNR⁴ = C is N·SNR² = sqrt(C·N/d)."""
    limits = ax.get_xlim(), ax.get_ylim()
    d = np.geomspace(*limits[0], 50)
    for color, (law, (_, style)) in zip(colors, _LAWS.items(), strict=True):
        constant = laws.select(law=law).column("constant")[0]
        if np.isfinite(constant):
            level = (
                np.full_like(d, constant) if law == "N·SNR²" else np.sqrt(constant * n_samples / d)
            )
            ax.plot(d, level, color=color, linestyle=style, linewidth=1.3)
    ax.set_xlim(limits[0])
    ax.set_ylim(limits[1])
