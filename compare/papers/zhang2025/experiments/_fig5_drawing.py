"""Fig. 5: the test loss along training, a curve for each learning rate."""

from __future__ import annotations

from matplotlib.figure import Figure

from .....theory import bayes_floor
from ....figures.axes import heading, legend_below, line_at
from ....figures.draw import band_curve, training_axis
from ....figures.style import Look
from ....figures.table import Table


def paint(table: Table, look: Look) -> Figure:
    """A panel for each signal norm and flip probability."""
    letters = table.texts("panel")
    figure, axes = look.grid(2, 2, height=2.1, share="y")
    for ax, letter in zip(axes, letters, strict=True):
        panel = table.select(panel=letter)
        for rank, rate in enumerate(panel.numbers("rate")):
            part = panel.select(rate=rate)
            eta = part.numbers("learning_rate")[0]
            band_curve(ax, part, look.color(rank), rf"$\eta$ = {eta:.3g}", _STYLES[rank % 3])
        p = panel.numbers("flip_prob")[0]
        line_at(ax, float(bayes_floor(p)), "$H(p)$, the least possible (DERIVED)")
        training_axis(ax, panel, "test loss" if letter in "ac" or look.width == "one" else "")
        mu, strength = panel.numbers("signal_norm")[0], panel.numbers("strength")[0]
        heading(ax, letter, rf"$p$ = {p:g}, $\mu$ = {mu:g}, N·SNR² = {strength:.2g}")
    legend_below(figure, axes, 4 if look.width != "one" else 2)
    return figure


#: Curves also differ in this, for print without colour.
_STYLES = ("-", "--", "-.")
