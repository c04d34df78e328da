"""Fig. 3: the maps cut off, with the curve N·SNR² = C; test loss above, test error below."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from .....theory import get_theorem
from ....figures.axes import heading, names
from ....figures.draw import log_map, plain_ticks, raster
from ....figures.style import BLACK, GREY, SKY, SMALL, TEXT, Look
from ....figures.table import Table

_QUANTITIES = {"test_loss": "test loss", "test_error": "test error"}
_HARMFUL = "#f2f2f2"


def paint(table: Table, look: Look) -> Figure:
    """One column a flip probability."""
    flips = table.numbers("flip_prob")
    figure, axes = look.grid(len(_QUANTITIES), len(flips), height=2.1, share="y")
    benign = GREY if look.style == "grey" else SKY
    rank = 0
    for quantity, name in _QUANTITIES.items():
        for p in flips:
            ax = axes[rank]
            part = table.select(quantity=quantity, flip_prob=p)
            cells = part.select(part="cell")
            x, y, values = raster(cells, "snr", "n_samples", "benign")
            log_map(ax, x, y, values, cmap=ListedColormap([_HARMFUL, benign]), vmin=0, vmax=1)
            _curve(ax, part.select(part="curve"))
            plain_ticks(ax, "y", [2, 4, 8, 12, 20])
            first = rank % len(flips) == 0 or look.width == "one"
            names(ax, "SNR", "N" if first else "")
            heading(ax, "abcdefgh"[rank], f"{name}, $p$ = {p:g}")
            rank += 1
    tag = get_theorem("benign").condition.provenance.value
    handles = [
        Patch(facecolor=benign, label="below the cut-off (benign)"),
        Patch(facecolor=_HARMFUL, edgecolor=GREY, linewidth=0.5, label="above it"),
        Line2D([], [], color=BLACK, label=f"N·SNR² = C, C fitted ({tag})"),
    ]
    figure.legend(
        handles=handles, loc="outside lower center", ncols=3 if look.width != "one" else 1,
        fontsize=SMALL, frameon=False,
    )  # fmt: skip
    return figure


def _curve(ax: Axes, curve: Table) -> None:
    """The fitted curve with its constant, or the word that there is none."""
    constant = curve.column("constant")[0]
    text = "no such boundary"
    if np.isfinite(constant):
        limits = ax.get_xlim(), ax.get_ylim()
        snr = np.geomspace(*limits[0], 200)
        ax.plot(snr, constant / snr**2, color=BLACK, linewidth=1.2)
        ax.set_xlim(limits[0])
        ax.set_ylim(limits[1])
        text = f"C = {constant:.2g}"
    ax.text(
        0.04, 0.06, text, transform=ax.transAxes, fontsize=TEXT, ha="left", va="bottom",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.5},
    )  # fmt: skip
