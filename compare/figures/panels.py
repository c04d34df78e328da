"""Draw the rows of `rows.PanelRows` on a panel."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from ..._visible import visible
from .axes import step_axis
from .style import GREY, SMALL, TEXT, TWO_COLUMNS, Style
from .table import Table

#: Rank of the colour, and line style, of each series.
Lines = Mapping[str, tuple[int, str]]
#: Largest number drawn: beyond it matplotlib's own sums overflow.
_FAR = 1e200
#: The numbers of a problem, as `rows.problem_title` writes them.
_OF_PROBLEM = re.compile(r"\$N = [\d.]")
#: Steps below which a run logged at fractions of a step has a linear step axis.
_FEW_STEPS = 10


def literal(text: str) -> str:
    r"""A user's text, escaped so that matplotlib shows it letter by letter, without formulas.

    >>> print(literal(r"$\frac{$"))
    \$\frac{\$
    """
    return visible(text).replace("$", r"\$")


def draw_lines(
    ax: Axes,
    panel: Table,
    style: Style,
    lines: Lines,
    bounds: Sequence[int] = (),
    label: Callable[[str], str] = str,
    most: float = _FAR,
) -> None:
    """Medians with their bands, what the limit predicts, dashed bounds, and reference values.

    Args:
        ax: where to draw.
        panel: rows of one panel.
        style: the style of the figure.
        lines: colour and line style of the medians and reference values.
        bounds: ranks of the bounds' colours, used in turn.
        label: gives a median's name in the legend; `literal` if a user named it.
        most: value above which a bound says nothing; it is drawn there instead of above.
    """
    for series, part in _each(panel, "reference"):
        height, (rank, _) = part.numbers("value")[0], lines[series]
        ax.axhline(
            height, color=style.color(rank), linestyle=(0, (1, 1.5)), linewidth=0.9, label=series,
            zorder=0,
        )  # fmt: skip
    for series, part in _each(panel, "median"):
        rank, line = lines[series]
        steps, values, color = part.column("step"), drawable(part, "value"), style.color(rank)
        ax.fill_between(
            steps, drawable(part, "low"), drawable(part, "high"), color=color, alpha=0.2,
            linewidth=0,
        )  # fmt: skip
        ax.plot(
            steps, values, color=color, linestyle=line, linewidth=1.4,
            marker="." if _few(values) else None, label=label(series),
        )  # fmt: skip
    for series, part in _each(panel, "predicted"):
        ax.plot(
            part.column("step"), drawable(part, "value"), color=style.color(1),
            linestyle=(0, (1, 1)), linewidth=1.8, label=series, zorder=3,
        )  # fmt: skip
    for (series, part), rank in zip(_each(panel, "bound"), bounds, strict=False):
        values = np.minimum(drawable(part, "value"), most)
        ax.plot(
            part.column("step"), values, color=style.color(rank), linestyle=(0, (4, 1.5)),
            linewidth=1.6, marker="_" if _few(values) else None, markersize=10,
            label=literal(series),
        )  # fmt: skip


def says_nothing(ax: Axes, panel: Table, trivial: float = 1.0) -> None:
    """Shade the steps at which every bound that applies says no more than the trivial one."""
    bounds = panel.select(kind="bound")
    if not len(bounds):
        return
    steps, values = bounds.column("step"), bounds.column("value")
    empty = np.sort(steps[values >= trivial])
    if not empty.size:
        return
    told = steps[(values < trivial) & (steps > empty[0])]
    end = min(told.min(), empty.max()) if told.size else empty.max()
    ax.axvspan(empty[0], end, color=GREY, alpha=0.1, linewidth=0, zorder=-1)
    ax.text(
        0.02, 0.86, "here the bound\nsays nothing", transform=ax.transAxes, fontsize=SMALL,
        color=GREY, ha="left", va="top",
    )  # fmt: skip


def _few(values: NDArray[np.float64]) -> bool:
    """Whether there are too few points for a visible line, which needs two."""
    return bool(np.isfinite(values).sum() < 2)


def drawable(part: Table, name: str) -> NDArray[np.float64]:
    """A column, clipped to what matplotlib can draw."""
    return np.clip(part.column(name), -_FAR, _FAR)


def finish(ax: Axes, panel: Table, quantity: str, letter: str = "") -> None:
    """Add the names of the axes, the step axis, the title and the stage times; call it last.

    Args:
        ax: the panel.
        panel: its rows.
        quantity: what its vertical axis shows.
        letter: of the panel; empty for a figure with one panel.
    """
    ax.set_xlabel("gradient step", fontsize=TEXT)
    ax.set_ylabel(quantity, fontsize=TEXT)
    steps = panel.column("step")[_on_curves(panel)]
    last = steps.max()
    if last < _FEW_STEPS and np.any(steps % 1 > 0):
        ax.set_xlim(0, last)  # fractions of a step crowd on the logarithmic axis
    else:
        step_axis(ax, max(last, 1.0))  # also where only step 0 was logged
    room = 42 if figure_width(ax) < TWO_COLUMNS else 50
    title: list[str] = []
    for kind in ("cell", "about"):
        text = str(panel.select(kind=kind).rows[0]["series"] or "")
        lettered = f"({letter}) {text}" if letter and kind == "about" else text
        title += _lines_of(text, room) if kind == "cell" else textwrap.wrap(lettered, room) or [""]
    ax.set_title("\n".join(title), fontsize=TEXT, loc="left", pad=12)
    _events(ax, panel)


def _lines_of(text: str, room: int) -> list[str]:
    r"""A problem's numbers in lines; a user's name for a cell letter by letter.

    >>> _lines_of("$N = 4$, $d = 100$; inside Assumption 4.1", 30)
    ['$N = 4$, $d = 100$', 'inside Assumption 4.1']
    >>> _lines_of("my $cell", 30)
    ['my \\$cell']
    """
    if _OF_PROBLEM.match(text):
        return text.split("; ")
    return [literal(line) for line in textwrap.wrap(text, room) or [""]]


def figure_width(ax: Axes) -> float:
    """Width in inches of the figure that a panel belongs to."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    return float(figure.get_figwidth())


def _on_curves(panel: Table) -> list[bool]:
    return [row["kind"] in ("median", "bound", "predicted") for row in panel]


def _events(ax: Axes, panel: Table) -> None:
    """Vertical lines at the events; neighbouring labels are moved apart."""
    free = 0.0
    for name, part in _each(panel, "event"):
        at = part.numbers("step")[0]
        ax.axvline(at, color=GREY, linestyle=":", linewidth=0.9, zorder=0)
        across = ax.transAxes.inverted().transform(ax.transData.transform((at, 1.0)))[0]
        place = max(float(across), free)
        free = place + 0.06
        ax.text(
            place, 1.01, f"$T_{name[1]}$" if name in ("T1", "T2", "T3") else literal(name),
            transform=ax.transAxes, ha="center", va="bottom", fontsize=SMALL, color=GREY,
        )  # fmt: skip


def _each(panel: Table, kind: str) -> Iterator[tuple[str, Table]]:
    rows = panel.select(kind=kind)
    for series in rows.values("series"):
        yield str(series), rows.select(series=series)
