"""Ours: the excess of test_error over p along training, in powers of ten."""

from __future__ import annotations

from matplotlib.figure import Figure

from ....figures.axes import heading, powers_of_ten
from ....figures.draw import training_axis
from ....figures.style import SMALL, Look
from ....figures.table import Table

_STYLES = ("-", "--", "-.")
_ABOUT = {"a": "inside Assumption 4.1", "b": "at the paper's own scale"}


def paint(table: Table, look: Look) -> Figure:
    """Panel a inside Assumption 4.1, b at the paper's scale."""
    figure, axes = look.grid(1, 2, height=2.5)
    for ax, letter in zip(axes, "ab", strict=True):
        panel = table.select(panel=letter)
        for rank, snr in enumerate(panel.numbers("snr")):
            part = panel.select(snr=snr)
            steps, color = part.column("step"), look.color(rank)
            low, high = part.column("low_log10"), part.column("high_log10")
            ax.fill_between(steps, low, high, color=color, alpha=0.15, linewidth=0)
            strength = part.numbers("strength")[0]
            ax.plot(
                steps, part.column("median_log10"), color=color, linestyle=_STYLES[rank % 3],
                linewidth=1.3, label=f"SNR = {snr:.2g}, N·SNR² = {strength:.2g}",
            )  # fmt: skip
        training_axis(ax, panel, "test error − $p$")
        powers_of_ten(ax)
        heading(ax, letter, _ABOUT[letter])
        ax.legend(fontsize=SMALL, frameon=False, loc="lower left", handlelength=2.0)
    return figure
