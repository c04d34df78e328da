"""Fig. 6: the test loss by the initial scale of W_V, along training and at its end."""

from __future__ import annotations

from matplotlib.figure import Figure

from .....theory import bayes_floor
from ....figures.axes import heading, line_at, names
from ....figures.draw import band_curve, bar_curve, legend_under, number_ticks, training_axis
from ....figures.style import SMALL, Look
from ....figures.table import Table

_STYLES = ("-", "--", "-.", ":", "-")
_ABOUT = {"a": r"larger $\sigma_V$", "b": r"smaller $\sigma_V$"}


def paint(table: Table, look: Look) -> Figure:
    """Panels a and b along training, c at the end."""
    figure, axes = look.grid(1, 3, height=2.9, share="y")
    floor = float(bayes_floor(table.numbers("flip_prob")[0]))
    for ax, letter in zip(axes, "ab", strict=False):
        panel = table.select(panel=letter)
        for rank, multiple in enumerate(panel.numbers("multiple")):
            part = panel.select(multiple=multiple)
            band_curve(ax, part, look.color(rank), f"{_times(multiple)}", _STYLES[rank % 5])
        training_axis(ax, panel, "test loss" if letter == "a" or look.width == "one" else "")
        heading(ax, letter, _ABOUT[letter])
        legend_under(
            ax,
            2 if len(panel.numbers("multiple")) == 4 else 3,
            r"$\sigma_V$ over PyTorch's default",
        )
    ax, panel = axes[2], table.select(panel="c")
    ordered = Table(tuple(sorted(panel, key=lambda row: float(str(row["multiple"])))))
    bar_curve(ax, ordered, "multiple", look, 0, "last step")
    ax.set_xscale("log", base=2)
    names(ax, r"$\sigma_V$ over PyTorch's default", "test loss" if look.width == "one" else "")
    heading(ax, "c", f"at step {int(panel.column('step')[0]):,}")
    for one in axes:
        line_at(one, floor, "_floor")
    ax.text(
        1.0, floor, "H(p) (DERIVED)", transform=ax.get_yaxis_transform(), fontsize=SMALL,
        ha="right", va="bottom",
    )  # fmt: skip
    for one in axes:
        one.set_yscale("log")
    for one in axes:
        number_ticks(one, "y")
    return figure


def _times(multiple: float) -> str:
    return f"{multiple:g}" if multiple >= 1 else f"1/{1 / multiple:g}"
