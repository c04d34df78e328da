"""Ours: the boundaries of test_loss and of test_error over d, side by side.

As d grows at fixed N, the curve N·SNR² = C stays level and N·d·SNR⁴ = C falls as 1/√d. The first is
expected for test_loss at any scale of W_V, the second for test_error if learning dominates W_V w_O;
with sigma_V a fixed fraction of its cap the start dominates, and test_error no longer depends on d.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import Normal, Stroke

from .....simulate import Problem
from ....cells import Cell, CellResult, Role
from ....figures.axes import heading, label_axes, panel_grid
from ....figures.marks import color_bar, log_map, raster
from ....figures.style import ORANGE, SMALL, VERMILLION, Style
from ....figures.table import Row, Table
from ....fitting.boundary_sides import Quantity, scores
from ..designs._problems import free_problem
from ._boundary import good_runs, law_constant
from ._experiment import CHOSEN, Experiment, Setting
from .fig3 import QUANTITIES

#: sigma_V as a fraction of its cap, one row of panels each.
SCALES = (0.001, 0.1)
DIMS = {
    "quick": (400, 10**4, 3 * 10**5, 10**7),
    "paper": tuple(round(400 * 25_000 ** (k / 9)) for k in range(10)),
}
#: N·SNR².
LEVELS = {
    "quick": tuple(float(f"{0.003 * 2000 ** (k / 8):.3g}") for k in range(9)),
    "paper": tuple(float(f"{0.003 * 2000 ** (k / 15):.3g}") for k in range(16)),
}
_SAMPLES, _KEY_DIM, _FLIPS, _RATE, _TARGET, _STEPS = 20, 10_000, 0.1, 0.4, 0.1, 1_800


def _cells(preset: str) -> tuple[Cell, ...]:
    cells = []
    for scale in SCALES:
        for dim in DIMS[preset]:
            for level in LEVELS[preset]:
                problem = free_problem(
                    _SAMPLES, math.sqrt(level / _SAMPLES), dim, _KEY_DIM,
                    learning_rate=_RATE, target_loss=_TARGET, flip_prob=_FLIPS, value=scale,
                )  # fmt: skip
                name = f"dimension-value{scale:g}-d{dim}-level{level:g}"
                note = f"d = {dim:g}, N·SNR² = {level:g}, sigma_V {scale:g} of its cap"
                cells.append(
                    Cell(name, Role.HELD_OUT, "dimension", problem, _STEPS, note, f"every:{_STEPS}")
                )
    return tuple(cells)


def _settings(preset: str, seeds: int) -> tuple[Setting, ...]:
    rows = {
        "N": f"{_SAMPLES}",
        "d": f"{len(DIMS[preset])} values from 400 to 1e7",
        "N·SNR²": f"{len(LEVELS[preset])} values from 0.003 to 6",
        "d_h": f"{_KEY_DIM:,} at every d",
        "unit of length": "the longer of mu and sigma_p sqrt(d) is 1 at every d",
        "learning rate; target loss": f"{_RATE:g}; {_TARGET:g}",
        "sigma_V": "0.001 or 0.1 of its cap, item 6 of Assumption 4.1",
        "sigma_h": "d_h^(-1/4) L^(-0.76), within item 7",
        "initialisation": "Gaussian, sampled; w_O frozen",
        "flip probability": f"{_FLIPS:g}",
        "steps": f"{_STEPS:,}",
        "cut-off": "half-way from the best value to chance",
        "repeats": f"{seeds}",
    }
    return tuple(Setting(what, value, CHOSEN) for what, value in rows.items())


SEEDS = {"quick": 4, "paper": 20}
#: Rival laws: powers of N, SNR and d.
LAWS = {"N·SNR²": (1, 2, 0), "N·d·SNR⁴": (1, 4, 1)}


def strength(problem: Problem) -> float:
    """N·SNR², without the last digits in which equal levels differ between values of d."""
    return float(f"{problem.n_samples * problem.snr**2:.9g}")


def _scale(result: CellResult) -> float:
    """sigma_V as a fraction of its cap."""
    name = result.cell.name
    return next(scale for scale in SCALES if name.startswith(f"dimension-value{scale:g}-"))


def _law(results: Sequence[CellResult], law: str, quantity: Quantity) -> Row:
    a, b, c = LAWS[law]
    problems = [result.cell.problem for result in results]
    level = np.array([p.n_samples**a * p.snr**b * float(p.dim) ** c for p in problems])
    return law_constant(level, *good_runs(results, quantity))


def _tabulate(results: Sequence[CellResult], preset: str) -> Table:
    """For each scale of W_V and quantity one row per cell, then one per law."""
    rows: list[Row] = []
    for scale in SCALES:
        cells = [result for result in results if _scale(result) == scale]
        for quantity in QUANTITIES:
            head: Row = {"value_scale": scale, "quantity": quantity}
            for result in cells:
                problem = result.cell.problem
                score = float(np.nanmean(scores(result, quantity, untrained=True)))
                at: Row = {
                    "part": "cell",
                    **head,
                    "dim": problem.dim,
                    "strength": strength(problem),
                }
                rows.append({**at, "n_samples": problem.n_samples, "score": score})
            rows += [
                {"part": "law", **head, "law": law, **_law(cells, law, quantity)} for law in LAWS
            ]
    return Table(tuple(rows))


#: How each law is known, and its line style.
_LINES: dict[str, tuple[str, Any]] = {
    "N·SNR²": ("SOURCE", "-"),
    "N·d·SNR⁴": ("SOURCE: Kou 2023", "--"),
}
#: An outline makes white lines visible on a light background.
_OUTLINE = [Stroke(linewidth=2.3, foreground="black"), Normal()]


def _draw(table: Table, style: Style) -> Figure:
    """One row per scale of W_V, test loss on the left and test error on the right."""
    scales = table.numbers("value_scale")
    figure, axes = panel_grid(style, len(scales), len(QUANTITIES), height=2.3)
    colors = ("#000000", "#000000") if style.grey else (ORANGE, VERMILLION)
    rank = 0
    for scale in scales:
        for quantity, name in QUANTITIES.items():
            ax = axes[rank]
            part = table.select(value_scale=scale, quantity=quantity)
            cells = part.select(part="cell")
            x, y, values = raster(cells, "dim", "strength", "score")
            mesh = log_map(ax, x, y, values, cmap=style.sequential, vmin=0.0, vmax=1.0)
            if np.nanmin(values) < 0.5 < np.nanmax(values):
                half_way = ax.contour(x, y, values, levels=[0.5], colors="white", linewidths=1.3)
                half_way.set_path_effects(_OUTLINE)
            _draw_laws(ax, part.select(part="law"), cells.numbers("n_samples")[0], colors)
            label_axes(ax, "d", "N·SNR²")
            heading(ax, "abcdefgh"[rank], rf"{name}, $\sigma_V$ = {scale:g} of its cap")
            rank += 1
    color_bar(figure, mesh, axes, "0: best value … 1: chance")
    handles = [
        Line2D([], [], color=color, linestyle=line, label=f"{law} = C, fitted ({tag})")
        for color, (law, (tag, line)) in zip(colors, _LINES.items(), strict=True)
    ]
    half = Line2D([], [], color="white", linewidth=1.3, label="half-way")
    half.set_path_effects(_OUTLINE)
    figure.legend(
        handles=[half, *handles], loc="outside lower center",
        ncols=style.columns(3), fontsize=SMALL, frameon=False,
    )  # fmt: skip
    return figure


def _draw_laws(ax: Axes, laws: Table, n_samples: float, colors: tuple[str, str]) -> None:
    """N·SNR² = C is level; N·d·SNR⁴ = C is N·SNR² = sqrt(C·N/d)."""
    limits = ax.get_xlim(), ax.get_ylim()
    d = np.geomspace(*limits[0], 50)
    for color, (law, (_, line)) in zip(colors, _LINES.items(), strict=True):
        constant = laws.select(law=law).column("constant")[0]
        if np.isfinite(constant):
            level = (
                np.full_like(d, constant) if law == "N·SNR²" else np.sqrt(constant * n_samples / d)
            )
            ax.plot(d, level, color=color, linestyle=line, linewidth=1.3)
    ax.set_xlim(limits[0])
    ax.set_ylim(limits[1])


EXPERIMENT = Experiment(
    name="dimension",
    title="The boundaries of test loss and test error over d",
    source="not in the paper",
    settings={preset: _settings(preset, seeds) for preset, seeds in SEEDS.items()},
    cells={preset: _cells(preset) for preset in SEEDS},
    seeds=SEEDS,
    claims=("X1", "X2", "X6"),
    spread="colour: mean of the runs; the table has 95% intervals of the laws' constants",
    tabulate=_tabulate,
    draw=_draw,
)
