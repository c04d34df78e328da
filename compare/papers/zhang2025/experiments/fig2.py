"""Fig. 2: test loss over N and SNR, one map for each flip probability."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from ....cells import CellResult
from ....figures.axes import heading, label_axes, panel_grid, plain_ticks
from ....figures.marks import color_bar, log_map, raster
from ....figures.style import VERMILLION, Style
from ....figures.table import Row, Table, summary
from ._cells import FEW_STEPS, SEEDS, SHARED, flips_setting, rate_setting, seeds_setting
from ._experiment import CHOSEN, JIANG, STATED, Experiment, Setting
from ._map import COUNTS, FLIP_PROBS, JIANG_RATE, JIANG_STEPS, NORMS, map_cells

PRESETS = ("quick", "paper", "jiang")
MAP_SEEDS = {**SEEDS, "jiang": 20}


def map_settings(preset: str) -> tuple[Setting, ...]:
    """The settings of every map."""
    axes = (
        Setting("N", f"{len(COUNTS[preset])} values from 2 to 20", STATED),
        Setting(
            "signal norm",
            f"{len(NORMS[preset])} values from 1 to 100, evenly on a log scale",
            STATED,
        ),
        Setting("number and spacing of N and signal norms", "as above", CHOSEN),
    )
    if preset == "jiang":
        return (
            *axes,
            Setting("tokens", "2: the signal and the strong noise token of 16", CHOSEN),
            Setting("d; d_h, d_v", "1024; 512", JIANG),
            Setting("noise", "standard deviation 4, orthogonal to the signals", JIANG),
            Setting("scale of W_Q, W_K, W_V", "PyTorch's default over 16", JIANG),
            Setting("law of W_Q, W_K, W_V", "Gaussian of that standard deviation", CHOSEN),
            Setting("w_O", "frozen", JIANG),
            Setting("norm of w_O", "1/sqrt(3), as PyTorch's default has it", CHOSEN),
            Setting("learning rate", f"{JIANG_RATE:g}", JIANG),
            Setting("steps", f"at most {JIANG_STEPS:,}; ended at train loss 0.01", JIANG),
            Setting("fresh tokens a run", "100", JIANG),
            Setting("flip probability", "0", JIANG),
            Setting("curve in that code", "N·mu² = 40960, here N·SNR² = 2.5", JIANG),
            Setting("more flip probabilities", "0.1 and 0.2", CHOSEN),
            Setting("precision", "float32", CHOSEN),
            seeds_setting(preset, MAP_SEEDS),
        )
    return (
        *SHARED,
        seeds_setting(preset),
        *axes,
        rate_setting(),
        flips_setting(FLIP_PROBS),
        Setting("end of a run", f"target loss met, or {FEW_STEPS:,} steps", CHOSEN),
    )


def place(result: CellResult) -> Row:
    """The place of a cell on the map."""
    problem = result.cell.problem
    return {
        "flip_prob": problem.flip_prob,
        "n_samples": problem.n_samples,
        "signal_norm": problem.signal_norm,
        "snr": problem.snr,
    }


def _tabulate(results: Sequence[CellResult], preset: str) -> Table:
    """One row per cell: its test loss, and the runs that diverged or missed their target loss."""
    rows: list[Row] = []
    for result in results:
        final = np.where(result.ok, result.trajectory["test_loss"][:, -1], np.nan)
        missed = int((result.ok & (result.trained.stopped_at < 0)).sum())
        counts = {"diverged": int((~result.ok).sum()), "missed_target": missed}
        rows.append({**place(result), **summary(final), **counts})
    return Table(tuple(rows))


_TICKS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0]


def _draw(table: Table, style: Style) -> Figure:
    """One panel per flip probability, one colour scale; a dot where most runs missed the target."""
    flips = table.numbers("flip_prob")
    figure, axes = panel_grid(style, 1, len(flips), height=2.3, share="y")
    mean = table.column("mean")
    low, high = float(np.nanmin(mean)), float(np.nanmax(mean))
    scale = LogNorm(low, high)
    for rank, (ax, p) in enumerate(zip(axes, flips, strict=True)):
        panel = table.select(flip_prob=p)
        x, y, values = raster(panel, "snr", "n_samples", "mean")
        mesh = log_map(ax, x, y, values, norm=scale, cmap=style.sequential)
        short = panel.column("missed_target") * 2 > panel.column("runs")
        ax.scatter(
            panel.column("snr")[short], panel.column("n_samples")[short], s=12, marker=".",
            color="black" if style.grey else VERMILLION, linewidths=0,
        )  # fmt: skip
        plain_ticks(ax, "y", [2, 4, 8, 12, 20])
        label_axes(ax, "SNR", "N" if rank == 0 or style.width == "one" else "")
        heading(ax, "abcdefgh"[rank], f"$p$ = {p:g}")
    bar = color_bar(figure, mesh, axes, "mean test loss")
    # numbers that would touch log 2 make room for it
    room = 0.07 * math.log(high / low)
    apart = [tick for tick in _TICKS if abs(math.log(tick / math.log(2))) > room]
    bar.ax.yaxis.set_major_locator(FixedLocator([*apart, math.log(2)]))
    bar.ax.yaxis.set_major_formatter(FuncFormatter(_name))
    bar.ax.yaxis.set_minor_locator(NullLocator())
    return figure


def _name(value: float, _: int) -> str:
    return "log 2" if abs(value - math.log(2)) < 1e-9 else f"{value:g}"


EXPERIMENT = Experiment(
    name="fig2",
    title="Test loss over N and SNR",
    source="§6.2, Fig. 2",
    settings={preset: map_settings(preset) for preset in PRESETS},
    cells={preset: map_cells(preset) for preset in PRESETS},
    seeds=MAP_SEEDS,
    claims=("E2", "E3a", "E3b", "E4"),
    spread="colour: mean of the runs, a dot where most of them ended short of the target loss",
    tabulate=_tabulate,
    draw=_draw,
)
