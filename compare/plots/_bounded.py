"""A measured quantity with one bound on it, for theorems of one's own."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ...theory import Bound
from ..envelope import NEVER, stage_bound, stage_ends
from ..study import Runs, Study
from ._curves import curve, quantile, stage_lines
from ._style import BLUE, TEXT, VERMILLION, label, legend_below, new_figure, step_axis


def draw(study: Study[Any], result: Runs, bound: Bound) -> Figure:
    """Median and band of the quantity, and the bound with widened constants in its stage.

    The axis is logarithmic where all that is drawn is positive and spans more than a decade.
    """
    figure, axes = new_figure(1)
    ax = axes[0]
    measured = result.trajectory[bound.quantity]
    curve(ax, result, measured, bound.quantity, BLUE)
    limits = stage_bound(study, result, bound)[result.ok]
    limits[:, np.isfinite(limits).sum(axis=0) * 2 < len(limits)] = np.nan
    middle = quantile(limits, 0.5)
    steps = result.trajectory.steps
    if np.isfinite(middle).any():
        few = np.isfinite(middle).sum() < 2  # a line needs two points
        ax.plot(
            steps, middle, color=VERMILLION, linestyle=(0, (4, 1.5)), linewidth=1.6,
            marker="_" if few else None, markersize=10,
            label=f"{bound.kind} bound {bound.name} ({bound.provenance.value})",
        )  # fmt: skip
    drawn = np.concatenate([measured[result.ok].ravel(), middle])
    drawn = drawn[np.isfinite(drawn)]
    if drawn.size and drawn.min() > 0 and drawn.max() > 10 * drawn.min():
        ax.set_yscale("log")
    step_axis(ax, float(steps[-1]))
    stage_lines(ax, result, [end for end in stage_ends(study.theorem) if end != NEVER])
    label(ax, bound.quantity)
    where = "" if not study.theorem.assumes else (
        ", inside its conditions" if result.inside else ", outside its conditions"
    )  # fmt: skip
    role = result.cell.role.value
    ax.set_title(
        f"{result.cell.name} ({role}{where})\nmedian of runs, band 10–90%",
        fontsize=TEXT, loc="left", pad=12,
    )  # fmt: skip
    legend_below(figure, axes, 1)
    return figure
