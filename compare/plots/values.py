"""What the value matrix has memorised: the signals, the training noise, and a fresh token."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ..study import CellResult, Study
from ._curves import curve, stage_lines, title
from ._style import (
    BLACK,
    BLUE,
    ORANGE,
    SKY,
    VERMILLION,
    label,
    legend_below,
    new_figure,
    step_axis,
)

#: Claims this figure bears on.
CLAIMS = ("M5", "M6", "M7", "M8", "M9", "X3")


def draw(study: Study, result: CellResult) -> Figure:
    """|V±|, mean |V_n| of clean and of flipped samples, and σ_p‖W_V w_O‖."""
    figure, axes = new_figure(1)
    ax = axes[0]
    q = result.trajectory.quantities
    noise = result.cell.problem.noise_std * q["value_norm"]
    curve(ax, result, np.abs(q["v_plus"]), r"$|V_+|$", BLUE)
    curve(ax, result, np.abs(q["v_minus"]), r"$|V_-|$", SKY, "--")
    curve(ax, result, q["v_noise_clean"], r"mean $|V_n|$, clean", ORANGE)
    curve(ax, result, q["v_noise_flipped"], r"mean $|V_n|$, flipped", VERMILLION, "--")
    curve(ax, result, noise, r"fresh token, $\sigma_p\Vert W_V w_O\Vert$", BLACK, "-.")
    step_axis(ax, int(result.trajectory.steps[-1]))
    ax.set_yscale("log")
    stage_lines(ax, result)
    label(ax, "value of a token")
    title(ax, "median of runs, band 10–90%", result)
    legend_below(figure, axes, 2)
    return figure
