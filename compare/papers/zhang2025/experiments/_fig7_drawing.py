"""Fig. 7: the final test loss by N, flip probability, signal norm and noise."""

from __future__ import annotations

from matplotlib.figure import Figure

from ....figures.axes import heading, names
from ....figures.draw import bar_curve, number_ticks, plain_ticks
from ....figures.style import SMALL, Look
from ....figures.table import Table

_AXES = {
    "n_samples": ("N", "log"),
    "flip_prob": ("flip probability $p$", "linear"),
    "signal_norm": (r"signal norm $\mu$", "log"),
    "noise_std": (r"noise standard deviation $\sigma_p$", "log"),
}
_CURVES = {"signal_norm": r"$\mu$", "flip_prob": "$p$"}


def paint(table: Table, look: Look) -> Figure:
    """Panels a to d."""
    figure, axes = look.grid(2, 2, height=2.3)
    for ax, letter in zip(axes, "abcd", strict=True):
        panel = table.select(panel=letter)
        name, scale = _AXES[panel.texts("along")[0]]
        fields = [field for field in _CURVES if panel.values(field)]
        curves = dict.fromkeys(tuple(row[field] for field in fields) for row in panel)
        for rank, chosen in enumerate(curves):
            part = panel.select(**dict(zip(fields, chosen, strict=True)))
            told = (f"{_CURVES[f]} = {value:g}" for f, value in zip(fields, chosen, strict=True))
            bar_curve(ax, part, "x", look, rank, ", ".join(told))
        ax.set_yscale("log")
        number_ticks(ax, "y")
        if scale == "log":
            ax.set_xscale("log")
            plain_ticks(ax, "x", panel.numbers("x"))
        names(ax, name, "final test loss")
        heading(ax, letter, f"by {name}")
        ax.legend(fontsize=SMALL, frameon=False, loc="best", handlelength=1.6)
    return figure
