"""What figures draw: medians with bands, stage times, and bounds stage by stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from ...theory import Bound
from ..envelope import bound_along, stage_bound
from ..study import Runs, Study
from ._style import BLACK, GREY, SMALL, TEXT

Array = NDArray[np.float64]

#: Share of the runs between which the band lies.
BAND = (0.1, 0.9)


def quantile(values: Array, share: float) -> Array:
    """Quantile over runs at each step, NaN where no run has a finite value.

    Args:
        values: (R, T).
        share: between 0 and 1.

    Example:
        >>> quantile(np.array([[1.0, np.nan], [3.0, np.nan]]), 0.5)
        array([ 2., nan])
    """
    out = np.full(values.shape[1], np.nan)
    kept = np.where(np.isfinite(values), values, np.nan)
    some = np.isfinite(kept).any(axis=0)
    out[some] = np.nanquantile(kept[:, some], share, axis=0)
    return out


def curve(ax: Axes, result: Runs, values: Array, name: str, color: str, style: str = "-") -> None:
    """Median over the runs that did not diverge, with the band from 10% to 90%.

    Args:
        ax: where to draw.
        result: the cell, for its steps and which runs count.
        values: (R, T).
        name: legend entry.
        color: of line and band.
        style: matplotlib line style.
    """
    if not np.isfinite(values[result.ok]).any():
        return
    steps, kept = result.trajectory.steps, values[result.ok]
    low, high = (quantile(kept, share) for share in BAND)
    ax.fill_between(steps, low, high, color=color, alpha=0.2, linewidth=0)
    ax.plot(steps, quantile(kept, 0.5), color=color, linestyle=style, linewidth=1.4, label=name)


def stage_lines(ax: Axes, result: Runs, names: Sequence[str] = ("T1", "T2", "T3")) -> None:
    """Vertical lines at the median stage times of the runs that reached them.

    Call it once the axes' scales and limits are set: neighbouring labels are moved apart.
    """
    last = result.trajectory.steps[-1]
    free = 0.0
    for event in names:
        reached = result.events[event][np.isfinite(result.events[event])]
        if reached.size == 0 or np.median(reached) > last:
            continue
        at = float(np.median(reached))
        ax.axvline(at, color=GREY, linestyle=":", linewidth=0.9, zorder=0)
        across = ax.transAxes.inverted().transform(ax.transData.transform((at, 1.0)))[0]
        place = max(float(across), free)
        free = place + 0.06
        ax.text(
            place,
            1.01,
            f"$T_{event[1]}$" if event in ("T1", "T2", "T3") else event,
            transform=ax.transAxes,
            ha="center",
            va="bottom",
            fontsize=SMALL,
            color=GREY,
        )


def bound_curves(
    ax: Axes,
    study: Study[Any],
    result: Runs,
    quantity: str,
    colors: list[str],
    log10: bool = False,
) -> list[Bound]:
    """The theorem's bounds on one quantity, each in its stage, median over runs.

    Constants are the widened ones claims are judged at. A step is drawn where at least half
    of the runs are in the bound's stage.

    Args:
        ax: where to draw.
        study: whose theorem and constants are drawn.
        result: the cell.
        quantity: ``test_error``, ``test_loss`` or ``train_loss``.
        colors: used in turn.
        log10: draw log10 of the bound's excess instead of the bound.

    Returns:
        The bounds that were drawn; a bound whose constants could not be fitted is not.
    """
    drawn = []
    bounds = [bound for bound in study.theorem.bounds if bound.quantity == quantity]
    for bound, color in zip(bounds, colors, strict=False):
        values = _bound_values(study, result, bound, log10)[result.ok]
        values[:, np.isfinite(values).sum(axis=0) * 2 < len(values)] = np.nan
        middle = quantile(values, 0.5)
        if not np.isfinite(middle).any():
            continue
        ax.plot(
            result.trajectory.steps,
            middle,
            color=color,
            linestyle=(0, (4, 1.5)),
            linewidth=1.6,
            label=f"{bound.kind} bound {bound.name} ({bound.provenance.value})",
        )
        drawn.append(bound)
    return drawn


def _bound_values(study: Study[Any], result: Runs, bound: Bound, log10: bool) -> Array:
    if not log10:
        return stage_bound(study, result, bound)
    widened = study.constants.widened()
    excess = bound_along(study, result, bound, widened, log=True)
    return np.asarray(excess / np.log(10))


def reference(ax: Axes, height: float, name: str, color: str = BLACK) -> None:
    """A thin horizontal line at a value the reader wants to compare with."""
    ax.axhline(height, color=color, linestyle=(0, (1, 1.5)), linewidth=0.9, label=name, zorder=0)


def title(ax: Axes, about: str, result: Runs | None = None) -> None:
    """Title of a panel; with a result its first line names the cell and where it stands."""
    first = ""
    if result is not None:
        where = "inside" if result.inside else "outside"
        first = f"{result.cell.name} ({result.cell.role.value}, {where} Assumption 4.1)"
    ax.set_title(f"{first}\n{about}", fontsize=TEXT, loc="left", pad=12)


def tags(bounds: list[Bound]) -> str:
    """The provenance of bounds for a title, e.g. ``"RECONSTRUCTED bounds"``; empty if none."""
    names = sorted({bound.provenance.value for bound in bounds})
    return f"{' and '.join(names)} bound{'s' if len(bounds) > 1 else ''}" if names else ""
