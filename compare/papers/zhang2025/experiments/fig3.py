"""Fig. 3: the map of the test loss cut off, with the fitted curve N·SNR² = C."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from .....theory import get_theorem
from ....cells import CellResult
from ....figures.axes import heading, label_axes, panel_grid, plain_ticks
from ....figures.marks import log_map, raster
from ....figures.style import BLACK, GREY, SKY, SMALL, TEXT, Style
from ....figures.table import Row, Table
from ....fitting.boundary_sides import Quantity, scores
from ._boundary import good_runs, law_constant
from ._experiment import CHOSEN, JIANG, Experiment, Setting
from ._map import map_cells
from .fig2 import MAP_SEEDS, PRESETS, map_settings, place

#: A cell is benign where its mean test loss is at most this far from H(p) to log 2 ...
CUT_OFF = 0.5
#: ... and in Jiang's experiment without flips, where it is at most this.
JIANG_CUT_OFF = 0.2


def _cut_off(preset: str) -> tuple[Setting, ...]:
    rule = "(mean test loss - H(p))/(log 2 - H(p)) at most 1/2; a bare 0.2 is below H(0.1)"
    if preset != "jiang":
        return (Setting("cut-off", rule, CHOSEN),)
    bare = f"mean test loss at most {JIANG_CUT_OFF:g}"
    return Setting("cut-off at p = 0", bare, JIANG), Setting("cut-off with flips", rule, CHOSEN)


#: Quantity -> its name in headings.
QUANTITIES: dict[Quantity, str] = {"test_loss": "test loss", "test_error": "test error"}


def _bare(preset: str, quantity: Quantity, flip_prob: float) -> float | None:
    """The cut-off for the quantity itself; None for the half-way rule."""
    bare = preset == "jiang" and quantity == "test_loss" and flip_prob == 0.0
    return JIANG_CUT_OFF if bare else None


def _tabulate(results: Sequence[CellResult], preset: str) -> Table:
    """For each quantity and flip probability one row per cell, then one for the curve."""
    rows: list[Row] = []
    for quantity in QUANTITIES:
        for p in dict.fromkeys(result.cell.problem.flip_prob for result in results):
            cells = [result for result in results if result.cell.problem.flip_prob == p]
            bare = _bare(preset, quantity, p)
            for result in cells:
                if bare is None:
                    value, limit = (
                        float(np.nanmean(scores(result, quantity, untrained=True))),
                        CUT_OFF,
                    )
                else:
                    value, limit = float(result.trajectory[quantity][result.ok, -1].mean()), bare
                head: Row = {"part": "cell", "quantity": quantity, **place(result)}
                rows.append(
                    {**head, "value": value, "cut_off": limit, "benign": int(value <= limit)}
                )
            level = np.array(
                [result.cell.problem.n_samples * result.cell.problem.snr**2 for result in cells]
            )
            fitted = law_constant(level, *good_runs(cells, quantity, bare))
            rows.append({"part": "curve", "quantity": quantity, "flip_prob": p, **fitted})
    return Table(tuple(rows))


_HARMFUL = "#f2f2f2"


def _draw(table: Table, style: Style) -> Figure:
    """One column per flip probability."""
    flips = table.numbers("flip_prob")
    figure, axes = panel_grid(style, len(QUANTITIES), len(flips), height=2.1, share="y")
    benign = GREY if style.grey else SKY
    rank = 0
    for quantity, name in QUANTITIES.items():
        for p in flips:
            ax = axes[rank]
            part = table.select(quantity=quantity, flip_prob=p)
            cells = part.select(part="cell")
            x, y, values = raster(cells, "snr", "n_samples", "benign")
            log_map(ax, x, y, values, cmap=ListedColormap([_HARMFUL, benign]), vmin=0, vmax=1)
            _curve(ax, part.select(part="curve"))
            plain_ticks(ax, "y", [2, 4, 8, 12, 20])
            first = rank % len(flips) == 0 or style.width == "one"
            label_axes(ax, "SNR", "N" if first else "")
            heading(ax, "abcdefgh"[rank], f"{name}, $p$ = {p:g}")
            rank += 1
    tag = get_theorem("benign").condition.provenance.value
    handles = [
        Patch(facecolor=benign, label="below the cut-off (benign)"),
        Patch(facecolor=_HARMFUL, edgecolor=GREY, linewidth=0.5, label="above it"),
        Line2D([], [], color=BLACK, label=f"N·SNR² = C, C fitted ({tag})"),
    ]
    figure.legend(
        handles=handles, loc="outside lower center", ncols=style.columns(3),
        fontsize=SMALL, frameon=False,
    )  # fmt: skip
    return figure


def _curve(ax: Axes, curve: Table) -> None:
    """The fitted curve with its constant, or a note that there is no boundary."""
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


EXPERIMENT = Experiment(
    name="fig3",
    title="The cut-off map and the curve N·SNR² = C",
    source="§6.2, Fig. 3",
    settings={preset: (*map_settings(preset), *_cut_off(preset)) for preset in PRESETS},
    cells={preset: map_cells(preset) for preset in PRESETS},
    seeds=MAP_SEEDS,
    claims=("E5", "E6"),
    spread="curve: where half of the runs are benign; the table has its 95% interval",
    tabulate=_tabulate,
    draw=_draw,
)
