"""The content of a study's figures as rows of a table: medians, bounds, events, titles.

Every row has ``drawing`` (the name of the `Drawing`), ``panel``, ``kind`` and ``series``:

========= ======================================== ==========================================
kind      series                                   numbers
========= ======================================== ==========================================
median    the name of the curve                    step, value, low, high (10%, 90%), runs
bound     the name of the bound                    step, value (the median over runs)
reference the name of a reference value            value
event     T1, T2, T3 or another event              step (the median of the runs that reach it)
cell      the cell, its role, inside or outside
about     the rest of the panel's title
========= ======================================== ==========================================
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...theory import Bound
from ..cells import CellResult, Study
from ..fitting.bounds import bound_along, stage_bound
from .table import BAND, Row, whole

Array = NDArray[np.float64]


class PanelRows:
    """Collects the rows of one panel.

    Args:
        drawing: name of the figure.
        panel: letter of the panel.
        result: the cell that is shown.
    """

    def __init__(self, drawing: str, panel: str, result: CellResult) -> None:
        self._head = {"drawing": drawing, "panel": panel}
        self._result = result
        self.rows: list[Row] = []

    def median(self, values: Array, series: str) -> None:
        """Median over the runs that did not diverge, with the band from 10% to 90%.

        Args:
            values: (R, T); nothing is shown if no run has a finite one.
            series: name of the values.
        """
        kept = values[self._result.ok]
        if not np.isfinite(kept).any():
            return
        low, middle, high = (quantile(kept, share) for share in (BAND[0], 0.5, BAND[1]))
        runs = np.isfinite(kept).sum(axis=0)
        for rank, step in enumerate(self._result.trajectory.steps):
            self._add(
                "median", series, step=whole(step), value=_finite(middle[rank]),
                low=_finite(low[rank]), high=_finite(high[rank]), runs=int(runs[rank]),
            )  # fmt: skip

    def bound(self, values: Array, bound: Bound) -> bool:
        """Median over runs of a bound, at steps where at least half of the runs are in its stage.

        Args:
            values: (R, T) values of the bound.
            bound: the bound.

        Returns:
            Whether there is anything to show.
        """
        kept = values[self._result.ok]
        kept[:, np.isfinite(kept).sum(axis=0) * 2 < len(kept)] = np.nan
        middle = quantile(kept, 0.5)
        if not np.isfinite(middle).any():
            return False
        series = f"{bound.kind} bound {bound.name} ({bound.provenance.value})"
        for step, value in zip(self._result.trajectory.steps, middle, strict=True):
            self._add("bound", series, step=whole(step), value=_finite(value))
        return True

    def bounds(self, study: Study, quantity: str, log10: bool = False) -> list[Bound]:
        """The theorem's bounds on one quantity, each in its stage.

        Constants have the widened values at which claims are judged.

        Args:
            study: the study whose theorem and constants are shown.
            quantity: ``test_error``, ``test_loss`` or ``train_loss``.
            log10: show log10 of the bound's excess instead of the bound.

        Returns:
            The bounds shown, without those whose constants could not be fitted.
        """
        shown = []
        for bound in study.theorem.bounds:
            if bound.quantity != quantity:
                continue
            if log10:
                widened = study.constants.widened()
                excess = bound_along(study, self._result, bound, widened, log=True)
                values = np.asarray(excess / np.log(10))
            else:
                values = stage_bound(study, self._result, bound)
            if self.bound(values, bound):
                shown.append(bound)
        return shown

    def reference(self, value: float, series: str) -> None:
        """A value for comparison."""
        self._add("reference", series, value=float(value))

    def events(self, names: Sequence[str] = ("T1", "T2", "T3")) -> None:
        """Median stage times over the runs that reached them, if within the logged steps."""
        last = self._result.trajectory.steps[-1]
        for name in names:
            reached = self._result.events[name][np.isfinite(self._result.events[name])]
            if reached.size and np.median(reached) <= last:
                self._add("event", name, step=float(np.median(reached)))

    def title(self, about: str, cell: str = "") -> None:
        """Title of the panel; the first line names the cell."""
        self._add("cell", cell)
        self._add("about", about)

    def _add(self, kind: str, series: str, **numbers: float | None) -> None:
        self.rows.append({**self._head, "kind": kind, "series": series, **numbers})


def cell_title(result: CellResult) -> str:
    """The cell, its role, and whether it is inside Assumption 4.1."""
    where = "inside" if result.inside else "outside"
    return f"{result.cell.name} ({result.cell.role.value}, {where} Assumption 4.1)"


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
    # NaN comes last; steps with equally many numbers are taken together, as np.nanquantile does not
    ordered = np.sort(np.where(np.isfinite(values), values, np.nan), axis=0)
    runs = np.isfinite(ordered).sum(axis=0)
    for count in np.unique(runs[runs > 0]).tolist():
        at = runs == count
        out[at] = np.quantile(ordered[:count, at], share, axis=0)
    return out


def tags(bounds: list[Bound]) -> str:
    """The provenance of bounds for a title, e.g. ``"RECONSTRUCTED bounds"``; empty if none."""
    names = sorted({bound.provenance.value for bound in bounds})
    return f"{' and '.join(names)} bound{'s' if len(bounds) > 1 else ''}" if names else ""


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
