"""Fig. 4: the constant C of the boundary against p, and N against 1/SNR² along it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .....theory import get_theorem
from ....cells import Cell, CellResult
from ....figures.axes import heading, label_axes, panel_grid, panel_legend, plain_ticks
from ....figures.style import BLACK, GREY, SMALL, Style
from ....figures.table import Row, Table
from ....statistics.correlation import power_correlation
from ....thresholds import BOUNDARY_CORRELATION_MIN_ROWS
from ..ledger.map_boundary import row_crossings
from ._boundary import good_runs, law_constant
from ._cells import NOISE_STD, SEEDS
from ._experiment import CHOSEN, Experiment, Setting
from ._map import NORMS, map_cell, map_cells
from .fig2 import map_settings
from .fig3 import QUANTITIES

KIND = "fig4"
#: Values of N from which crossings are drawn; their correlation needs as many as E8's.
_FEWEST_CROSSINGS = 3
#: Flip probabilities besides those of the map, and the other reading of "noise variance 4", at
#: which signal norms are twice as large.
_MORE_FLIPS = {"quick": (0.05, 0.3), "paper": (0.05, 0.15, 0.25, 0.3)}
_OTHER_STD = 4.0
_COUNTS = {"quick": (4, 8, 20), "paper": (3, 5, 8, 12, 20)}
#: The part of the map, around the boundary, on which all constants are fitted.
_NORMS = {"quick": NORMS["quick"][3:10], "paper": NORMS["paper"][13:34:2]}


def _added(preset: str) -> tuple[Cell, ...]:
    points = [(n, norm) for n in _COUNTS[preset] for norm in _NORMS[preset]]
    return tuple(
        map_cell(n, norm, p, kind=KIND) for p in _MORE_FLIPS[preset] for n, norm in points
    ) + tuple(map_cell(n, 2 * norm, 0.1, _OTHER_STD, KIND) for n, norm in points)


def _settings(preset: str) -> tuple[Setting, ...]:
    more = ", ".join(f"{p:g}" for p in _MORE_FLIPS[preset])
    return (
        *map_settings(preset),
        Setting("cut-off", "(test loss - H(p))/(log 2 - H(p)) at most 1/2, run by run", CHOSEN),
        Setting(
            "cells of a constant",
            "those of the thinner map, at every p; fig3 takes its whole map, so its C differ",
            CHOSEN,
        ),
        Setting("more flip probabilities", f"{more}, on a thinner map", CHOSEN),
        Setting("other reading of the noise", "standard deviation 4, p = 0.1", CHOSEN),
        Setting(
            "correlation",
            "of log N and log 1/SNR² where the mean normalised quantity at that N falls to 1/2, "
            "by the rule of E8, so of runs that reached their target loss; of four N or more",
            CHOSEN,
        ),
    )


def _shared(result: CellResult, preset: str) -> bool:
    """Whether a cell is at an N and SNR shared by all flip probabilities and noises."""
    problem = result.cell.problem
    norm = problem.signal_norm * NOISE_STD / problem.noise_std
    return problem.n_samples in _COUNTS[preset] and norm in _NORMS[preset]


def _tabulate(results: Sequence[CellResult], preset: str) -> Table:
    """The constants, and the crossings with their correlation, by quantity, p and noise."""
    groups: dict[tuple[float, float], list[CellResult]] = {}
    for result in results:
        problem = result.cell.problem
        groups.setdefault((problem.noise_std, problem.flip_prob), []).append(result)
    constants: list[Row] = []
    crossings: list[Row] = []
    for quantity in QUANTITIES:
        for (std, p), cells in sorted(groups.items()):
            head: Row = {"quantity": quantity, "noise_std": std, "flip_prob": p}
            shared = [result for result in cells if _shared(result, preset)]
            level = np.array(
                [result.cell.problem.n_samples * result.cell.problem.snr**2 for result in shared]
            )
            fitted = law_constant(level, *good_runs(shared, quantity))
            constants.append({"part": "constant", **head, **fitted, "cells": len(shared)})
            counts, at = row_crossings(cells, quantity)
            known = np.isfinite(at[0])
            if known.sum() < _FEWEST_CROSSINGS:
                continue
            straight = float(power_correlation(counts, at, BOUNDARY_CORRELATION_MIN_ROWS)[0])
            counts, snr = counts[known], at[0, known]
            slope = float(np.polyfit(-2 * np.log(snr), np.log(counts), 1)[0])
            crossings += [
                {"part": "crossing", **head, "n_samples": int(n), "inverse_snr_squared": x**-2,
                 "correlation": straight if np.isfinite(straight) else None, "slope": slope}
                for n, x in zip(counts.tolist(), snr.tolist(), strict=True)
            ]  # fmt: skip
    return Table(tuple(constants + crossings))


def _draw(table: Table, style: Style) -> Figure:
    """Panels a to c."""
    figure, axes = panel_grid(style, 1, 3, height=3.2)
    flips = sorted(table.numbers("flip_prob"))
    _draw_constants(axes[0], table.select(part="constant"), style)
    for ax, letter, quantity in zip(axes[1:], "bc", QUANTITIES, strict=True):
        _draw_crossings(ax, table.select(part="crossing", quantity=quantity), flips, style)
        heading(ax, letter, f"crossings, {QUANTITIES[quantity]}")
    return figure


def _draw_constants(ax: Axes, table: Table, style: Style) -> None:
    for rank, (quantity, name) in enumerate(QUANTITIES.items()):
        for std in table.numbers("noise_std"):
            part = table.select(quantity=quantity, noise_std=std)
            p, middle = part.column("flip_prob"), part.column("constant")
            if not np.isfinite(middle).any():
                continue
            bars = np.vstack(
                [middle - part.column("constant_low"), part.column("constant_high") - middle]
            )
            main = std == NOISE_STD
            ax.errorbar(
                p + (0.0 if main else 0.012), middle, yerr=np.abs(bars), color=style.color(rank),
                marker=style.marker(rank), markersize=4, linewidth=1.2 if main else 0,
                elinewidth=0.8, capsize=2, markerfacecolor=style.color(rank) if main else "white",
                label=name if main else rf"{name}, $\sigma_p$ = {std:g}",
            )  # fmt: skip
    ax.set_yscale("log")
    ax.set_xlim(-0.02, None)
    tag = get_theorem("benign").condition.provenance.value
    label_axes(ax, "flip probability $p$", f"C of N·SNR² = C ({tag})")
    heading(ax, "a", "constant of the boundary")
    panel_legend(ax)


def _draw_crossings(ax: Axes, table: Table, flips: list[float], style: Style) -> None:
    """Points of each flip probability, and the line of slope 1 predicted by the law."""
    for std in table.numbers("noise_std"):
        for rank, p in enumerate(flips):
            part = table.select(noise_std=std, flip_prob=p)
            if not len(part):
                continue
            main = std == NOISE_STD
            name = f"$p$ = {p:g}" + ("" if main else rf", $\sigma_p$ = {std:g}")
            color = style.color(rank) if main else GREY
            ax.plot(
                part.column("inverse_snr_squared"), part.column("n_samples"), color=color,
                marker=style.marker(rank), markersize=3.5, linewidth=0.8,
                linestyle="-" if main else "--", markerfacecolor=color if main else "white",
                label=f"{name}: {_shown(part.column('correlation')[0])}",
            )  # fmt: skip
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_ylim(1.7, 24)
    if len(table):
        x = table.column("inverse_snr_squared")
        middle = float(np.exp(np.log(table.column("n_samples") / x).mean()))
        line = np.geomspace(x.min(), x.max(), 50)
        ax.plot(line, middle * line, color=BLACK, linestyle=":", linewidth=0.9, label="slope 1")
        panel_legend(ax, 2, "correlation of the logarithms")
    else:
        ax.text(0.5, 0.5, "no crossings at three N", transform=ax.transAxes, fontsize=SMALL,
                ha="center")  # fmt: skip
    plain_ticks(ax, "y", [2, 4, 8, 12, 20])
    label_axes(ax, "1/SNR² at the crossing", "N")


def _shown(correlation: float) -> str:
    """A correlation as the legend writes it; a dash of too few values of N."""
    return f"{correlation:.2f}" if np.isfinite(correlation) else "\N{EN DASH}"


EXPERIMENT = Experiment(
    name="fig4",
    title="The constant of the boundary, and the law along it",
    source="§6.3, Fig. 4",
    settings={preset: _settings(preset) for preset in _COUNTS},
    cells={preset: map_cells(preset) + _added(preset) for preset in _COUNTS},
    seeds=SEEDS,
    claims=("E7", "E8"),
    spread="bars: 95% intervals by resampling cells; numbers: correlation of log N and log 1/SNR², "
    "as E8 takes it; a dash where fewer than four N cross",
    tabulate=_tabulate,
    draw=_draw,
)
