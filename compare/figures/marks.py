"""Marks of a figure: curves with bands, points with bars, and maps on log axes."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .style import SMALL, Style
from .table import Table

Array = NDArray[np.float64]


def band_curve(
    ax: Axes, table: Table, color: str, name: str | None = None, line: str = "-", band: bool = True
) -> None:
    """Mean over runs along training, with the table's band if `band` is set."""
    steps = table.column("step")
    if band:
        ax.fill_between(
            steps, table.column("low"), table.column("high"), color=color, alpha=0.15, linewidth=0
        )
    ax.plot(steps, table.column("mean"), color=color, linestyle=line, linewidth=1.3, label=name)


def bar_curve(ax: Axes, table: Table, x: str, style: Style, rank: int, name: str) -> None:
    """Mean over runs at each point, with bars from the table's low to its high."""
    at, mean = table.column(x), table.column("mean")
    bars = np.abs(np.vstack([mean - table.column("low"), table.column("high") - mean]))
    ax.errorbar(
        at, mean, yerr=bars, color=style.color(rank), marker=style.marker(rank), markersize=3.5,
        linewidth=1.2, elinewidth=0.7, capsize=1.5, label=name,
    )  # fmt: skip


def cell_edges(centres: Array) -> Array:
    """(K+1,) edges between K increasing positive centres, half-way on a log scale.

    >>> cell_edges(np.array([1.0, 4.0, 16.0]))
    array([ 0.5,  2. ,  8. , 32. ])
    """
    logs = np.log(centres)
    middle = (logs[1:] + logs[:-1]) / 2
    edges = np.concatenate([[2 * logs[0] - middle[0]], middle, [2 * logs[-1] - middle[-1]]])
    out: Array = np.exp(edges)
    return out


def raster(table: Table, x: str, y: str, value: str) -> tuple[Array, Array, Array]:
    """Increasing x (K,) and y (L,), and the (L, K) values there, NaN where a value is missing."""
    across, up = sorted(table.numbers(x)), sorted(table.numbers(y))
    out = np.full((len(up), len(across)), np.nan)
    for row in table:
        column, line = across.index(_number(row[x])), up.index(_number(row[y]))
        known = row.get(value)
        out[line, column] = np.nan if known is None else _number(known)
    return np.array(across), np.array(up), out


def log_map(ax: Axes, x: Array, y: Array, values: Array, **colors: Any) -> QuadMesh:
    """A map over two log axes, one cell around each point."""
    mesh = ax.pcolormesh(cell_edges(x), cell_edges(y), values, rasterized=True, **colors)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.spines[["top", "right"]].set_visible(True)
    return mesh


def color_bar(figure: Figure, mesh: QuadMesh, axes: list[Axes], name: str) -> Any:
    """A colour bar shared by some panels."""
    bar = figure.colorbar(mesh, ax=axes, pad=0.015, fraction=0.04, aspect=25)
    bar.set_label(name, fontsize=SMALL + 1)
    bar.ax.tick_params(labelsize=SMALL)
    return bar


def _number(value: object) -> float:
    return float(str(value))
