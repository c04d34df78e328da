"""Ours: the excess of test_error over p along training, far below what counting can resolve."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from ....cells import Cell, CellResult
from ....figures.axes import heading, panel_grid, powers_of_ten, training_axis
from ....figures.style import SMALL, Style
from ....figures.table import BAND, Row, Table
from ....fitting.bounds import log_excess_error
from ..designs._problems import inside_problem
from ._cells import RATE, SHARED, curve_cell, paper_problem
from ._experiment import CHOSEN, Experiment, Setting

#: SNR of the cells inside Assumption 4.1, and signal norms at the paper's scale.
RATIOS = (0.8, 1.0, 1.3)
NORMS = (10.0, 20.0, 40.0)
_SAMPLES, _TARGET, _FLIPS = 26, 0.2, 0.1
_INSIDE_STEPS, _PAPER_STEPS, _LOOKS = 25_000, 10_000, 64
SEEDS = {"quick": 8, "paper": 20}


def _inside() -> tuple[Cell, ...]:
    return tuple(
        curve_cell(
            "excess",
            f"excess-inside-snr{ratio:g}",
            inside_problem(_SAMPLES, ratio, _TARGET, flip_prob=_FLIPS),
            _INSIDE_STEPS,
            f"inside Assumption 4.1, SNR = {ratio:g}",
            _LOOKS,
        )
        for ratio in RATIOS
    )


def _outside() -> tuple[Cell, ...]:
    return tuple(
        curve_cell(
            "excess",
            f"excess-paper-mu{norm:g}",
            paper_problem(20, norm, _FLIPS),
            _PAPER_STEPS,
            f"the paper's scale, mu = {norm:g}",
            _LOOKS,
        )
        for norm in NORMS
    )


def _settings(preset: str) -> tuple[Setting, ...]:
    ours = {
        "a: N, SNR": f"{_SAMPLES}; 0.8, 1 and 1.3",
        "a: d, d_h": "the least that Assumption 4.1 allows at C = 1, times 1.05",
        "a: learning rate, sigma_V": "0.95 and 0.5 of their caps",
        "a: initialisation": "Gaussian, sampled; w_O frozen; float64",
        "a: target loss": f"{_TARGET:g} (enters Assumption 4.1)",
        "a: steps": f"{_INSIDE_STEPS:,}",
        "b: N, signal norm": "20; 10, 20 and 40",
        "b: learning rate": f"{RATE:g}/max(mu², sigma_p² d)",
        "b: steps": f"{_PAPER_STEPS:,}",
        "flip probability": f"{_FLIPS:g}",
        "repeats": f"{SEEDS[preset]}",
    }
    shared = tuple(
        Setting(f"b: {setting.what}", setting.value, setting.origin) for setting in SHARED
    )
    return (*(Setting(what, value, CHOSEN) for what, value in ours.items()), *shared)


def _tabulate(results: Sequence[CellResult], preset: str) -> Table:
    """One row per panel, curve and logged step: median and band of log10 of the excess."""
    rows: list[Row] = []
    for result in results:
        problem = result.cell.problem
        inside = result.cell.name.startswith("excess-inside")
        head: Row = {
            "panel": "a" if inside else "b",
            "signal_norm": problem.signal_norm,
            "snr": problem.snr,
            "strength": problem.n_samples * problem.snr**2,
            "dim": problem.dim,
        }
        logs = log_excess_error(result)[result.ok] / np.log(10)
        for step, column in zip(result.trajectory.steps, logs.T, strict=True):
            known = column[np.isfinite(column)]
            low, middle, high = (
                np.quantile(known, (BAND[0], 0.5, BAND[1])).tolist() if known.size else [None] * 3
            )
            at: Row = {"step": int(step), "median_log10": middle, "low_log10": low}
            rows.append({**head, **at, "high_log10": high, "runs": int(known.size)})
    return Table(tuple(rows))


_LINES = ("-", "--", "-.")
_ABOUT = {"a": "inside Assumption 4.1", "b": "at the paper's own scale"}


def _draw(table: Table, style: Style) -> Figure:
    """Panel a inside Assumption 4.1, b at the paper's scale."""
    figure, axes = panel_grid(style, 1, 2, height=2.5)
    for ax, letter in zip(axes, "ab", strict=True):
        panel = table.select(panel=letter)
        for rank, snr in enumerate(panel.numbers("snr")):
            part = panel.select(snr=snr)
            steps, color = part.column("step"), style.color(rank)
            low, high = part.column("low_log10"), part.column("high_log10")
            ax.fill_between(steps, low, high, color=color, alpha=0.15, linewidth=0)
            strength = part.numbers("strength")[0]
            ax.plot(
                steps, part.column("median_log10"), color=color, linestyle=_LINES[rank % 3],
                linewidth=1.3, label=f"SNR = {snr:.2g}, N·SNR² = {strength:.2g}",
            )  # fmt: skip
        training_axis(ax, panel, "test error − $p$")
        powers_of_ten(ax)
        heading(ax, letter, _ABOUT[letter])
        ax.legend(fontsize=SMALL, frameon=False, loc="lower left", handlelength=2.0)
    return figure


EXPERIMENT = Experiment(
    name="excess",
    title="Excess of the test error over p along training",
    source="not in the paper",
    settings={preset: _settings(preset) for preset in SEEDS},
    cells={preset: _inside() + _outside() for preset in SEEDS},
    seeds=SEEDS,
    claims=("B2", "B3", "B8", "B11", "X3"),
    spread="line: median; band: 10% to 90% of the runs",
    tabulate=_tabulate,
    draw=_draw,
)
