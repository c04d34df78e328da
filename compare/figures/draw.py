"""What several figures draw: curves with bands, points with bars, and maps on log axes."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator
from numpy.typing import NDArray

from .axes import names, step_axis
from .style import SMALL, Look
from .table import Table

Array = NDArray[np.float64]


def band_curve(
    ax: Axes, table: Table, color: str, name: str | None = None, style: str = "-", band: bool = True
) -> None:
    """Mean over runs along training, with the band of the table where asked for."""
    steps = table.column("step")
    if band:
        ax.fill_between(
            steps, table.column("low"), table.column("high"), color=color, alpha=0.15, linewidth=0
        )
    ax.plot(steps, table.column("mean"), color=color, linestyle=style, linewidth=1.3, label=name)


def bar_curve(ax: Axes, table: Table, x: str, look: Look, rank: int, name: str) -> None:
    """Mean over runs at each point, with bars as far as the table's low and high."""
    at, mean = table.column(x), table.column("mean")
    bars = np.abs(np.vstack([mean - table.column("low"), table.column("high") - mean]))
    ax.errorbar(
        at, mean, yerr=bars, color=look.color(rank), marker=look.marker(rank), markersize=3.5,
        linewidth=1.2, elinewidth=0.7, capsize=1.5, label=name,
    )  # fmt: skip


def cells_edges(centres: Array) -> Array:
    """(K+1,) edges between K rising positive centres, half-way on a log scale.

    >>> cells_edges(np.array([1.0, 4.0, 16.0]))
    array([ 0.5,  2. ,  8. , 32. ])
    """
    logs = np.log(centres)
    middle = (logs[1:] + logs[:-1]) / 2
    edges = np.concatenate([[2 * logs[0] - middle[0]], middle, [2 * logs[-1] - middle[-1]]])
    out: Array = np.exp(edges)
    return out


def raster(table: Table, x: str, y: str, value: str) -> tuple[Array, Array, Array]:
    """Rising x (K,), rising y (L,) and the (L, K) values at them, NaN where there is none."""
    across, up = sorted(table.numbers(x)), sorted(table.numbers(y))
    out = np.full((len(up), len(across)), np.nan)
    for row in table:
        column, line = across.index(_number(row[x])), up.index(_number(row[y]))
        found = row.get(value)
        out[line, column] = np.nan if found is None else _number(found)
    return np.array(across), np.array(up), out


def log_map(ax: Axes, x: Array, y: Array, values: Array, **style: Any) -> QuadMesh:
    """A map over two log axes, one cell around each point."""
    mesh = ax.pcolormesh(cells_edges(x), cells_edges(y), values, rasterized=True, **style)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.spines[["top", "right"]].set_visible(True)
    return mesh


def plain_ticks(ax: Axes, axis: str, at: list[float]) -> None:
    """Ticks at some numbers of a log axis, written out."""
    chosen = ax.xaxis if axis == "x" else ax.yaxis
    chosen.set_major_locator(FixedLocator(at))
    chosen.set_minor_locator(NullLocator())
    chosen.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    chosen.set_minor_formatter(NullFormatter())


def number_ticks(ax: Axes, axis: str) -> None:
    """Numbers at 1, 2 and 5 times powers of ten on a log axis, more of them on a short one."""
    low, high = ax.get_ylim() if axis == "y" else ax.get_xlim()
    subs: tuple[float, ...] = (1.0, 2.0, 5.0)
    if high / low < 12:
        subs = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
    if high / low < 2:
        subs = tuple(1.0 + step / 10 for step in range(0, 90, 2))
    powers = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    ticks = np.outer(powers, subs).ravel()
    plain_ticks(ax, axis, [float(one) for one in ticks if low <= one <= high])


def legend_under(ax: Axes, columns: int = 1, title: str | None = None) -> None:
    """A panel's own legend below its axis, where it hides no data."""
    ax.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=columns, title=title,
        fontsize=SMALL, title_fontsize=SMALL, frameon=False, handlelength=1.8,
        columnspacing=1.0, labelspacing=0.3,
    )  # fmt: skip


def training_axis(ax: Axes, table: Table, quantity: str) -> None:
    """Steps on a log axis that shows step 0, and what is drawn over them."""
    step_axis(ax, int(table.column("step").max()))
    names(ax, "gradient step", quantity)


def color_bar(figure: Figure, mesh: QuadMesh, axes: list[Axes], name: str) -> Any:
    """A colour bar for some panels."""
    bar = figure.colorbar(mesh, ax=axes, pad=0.015, fraction=0.04, aspect=25)
    bar.set_label(name, fontsize=SMALL + 1)
    bar.ax.tick_params(labelsize=SMALL)
    return bar


def _number(value: object) -> float:
    return float(str(value))
