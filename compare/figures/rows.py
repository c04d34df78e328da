"""The content of a study's figures as rows of a table: medians, bounds, events, titles.

Every row has ``drawing`` (the name of the `Drawing`), ``panel``, ``kind`` and ``series``:

========= ======================================== ==========================================
kind      series                                   numbers
========= ======================================== ==========================================
median    the name of the curve                    step, value, low, high (10%, 90%), runs
bound     the name of the bound                    step, value (of the run in the middle)
predicted the limit of large d and d_h             step, value (the median over runs)
reference the name of a reference value            value
event     T1, T2, T3 or another event              step (the median of the runs that reach it)
cell      the cell, its role, inside or outside
about     the rest of the panel's title
========= ======================================== ==========================================

Runs that have steps of their own have a median at every step, of the runs logged there; a bound is
a formula, and shown at no more steps than memory for all runs allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...simulate import EngineError, Prediction, Trajectory
from ...theory import Bound
from ..cells import CellResult, Study
from ..fitting.bounds import bound_along, stage_bound
from ..predicted.runs import predicted
from .table import BAND, Row, whole

Array = NDArray[np.float64]

#: What the prediction of the limit is called in a legend.
LIMIT = "the limit, nothing fitted"

#: Numbers of one bound, over runs and steps, where runs have steps of their own.
_POINTS = 2_000_000


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

    @property
    def bound_steps(self) -> NDArray[Any]:
        """(T,) the steps at which bounds are shown."""
        steps: NDArray[Any] = self._result.trajectory.steps
        if steps.ndim == 1:
            return steps
        every = np.unique(steps)
        shown = max(4 * steps.shape[1], _POINTS // len(steps))
        rank = np.linspace(0, every.size - 1, min(shown, every.size)).astype(int)
        return np.asarray(every[rank])

    def median(self, values: Array, series: str) -> None:
        """Median over the runs that did not diverge, with the band from 10% to 90%.

        Args:
            values: (R, T); nothing is shown if no run has a finite one.
            series: name of the values.
        """
        kept = values[self._result.ok]
        if not np.isfinite(kept).any():
            return
        steps = self._result.trajectory.steps
        shares = (BAND[0], 0.5, BAND[1])
        if steps.ndim == 1:
            low, middle, high = (quantile(kept, share) for share in shares)
            runs = np.isfinite(kept).sum(axis=0)
        else:
            own, steps = steps[self._result.ok], np.unique(steps)
            (low, middle, high), runs = quantiles_by_step(steps, own, kept, shares)
        for rank, step in enumerate(steps):
            self._add(
                "median", series, step=whole(step), value=_finite(middle[rank]),
                low=_finite(low[rank]), high=_finite(high[rank]), runs=int(runs[rank]),
            )  # fmt: skip

    def bound(self, values: Array, bound: Bound) -> bool:
        """A bound with the stage times of the run whose times are nearest to the medians.

        Each run has its own stage times; a median over runs would jump where some of them are in
        the stage and some are not. Without such a run it is the median over runs, at steps where at
        least half of them are in the stage.

        Args:
            values: (R, T) values of the bound at `bound_steps`.
            bound: the bound.

        Returns:
            Whether there is anything to show.
        """
        kept = values[self._result.ok]
        run = _middle_run(self._result)
        if run is not None and np.isfinite(kept[run]).any():
            middle = kept[run]
        else:
            kept[:, np.isfinite(kept).sum(axis=0) * 2 < len(kept)] = np.nan
            middle = quantile(kept, 0.5)
        if not np.isfinite(middle).any():
            return False
        series = f"{bound.kind} bound {bound.name} ({bound.provenance.value})"
        for step, value in zip(self.bound_steps, middle, strict=True):
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
                excess = bound_along(
                    study, self._result, bound, widened, log=True, steps=self.bound_steps
                )
                values = np.asarray(excess / np.log(10))
            else:
                values = stage_bound(study, self._result, bound, self.bound_steps)
            if self.bound(values, bound):
                shown.append(bound)
        return shown

    def predicted(self, values: Array, series: str = LIMIT) -> None:
        """Median over the runs of what the limit predicts of them."""
        middle = quantile(values[self._result.ok], 0.5)
        for step, value in zip(self._result.trajectory.steps, middle, strict=True):
            self._add("predicted", series, step=whole(step), value=_finite(value))

    def reference(self, value: float, series: str) -> None:
        """A value for comparison."""
        self._add("reference", series, value=float(value))

    def events(self, names: Sequence[str] = ("T1", "T2", "T3")) -> None:
        """Median stage times over the runs that reached them, if within the logged steps."""
        last = self._result.trajectory.steps.max()
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


def _middle_run(result: CellResult) -> int | None:
    """Among the runs that did not diverge, the one with the stage times nearest to the medians.

    None where no run reaches every event that half of the runs reach.
    """
    times = np.array([steps[result.ok] for steps in result.events.values()], dtype=float)
    if not times.size:
        return None
    times = times[np.isfinite(times).mean(axis=1) >= 0.5]
    complete = np.isfinite(times).all(axis=0)
    if not times.size or not complete.any():
        return None
    logs = np.log1p(times)
    away = np.abs(logs - np.nanmedian(logs, axis=1)[:, None]).max(axis=0)
    return int(np.argmin(np.where(complete, away, np.inf)))


def foreseen(result: CellResult) -> Prediction | None:
    """What the limit predicts of a cell's runs; None where it does not describe them."""
    if not isinstance(result.trajectory, Trajectory):
        return None
    try:
        return predicted(result.trajectory)
    except EngineError:
        return None


def cell_title(result: CellResult) -> str:
    """The numbers of the cell's problem, and whether it is inside Assumption 4.1."""
    where = "inside" if result.inside else "outside"
    return f"{problem_title(result)}; {where} Assumption 4.1"


def problem_title(result: CellResult) -> str:
    r"""N, d, SNR, p and eta of a cell, typeset; its name where its problem has none of them.

    >>> from bofcheck.compare import Cell, Role, analyse
    >>> from bofcheck.simulate import Problem, train
    >>> from bofcheck.theory import benign
    >>> cell = Cell("a", Role.HELD_OUT, "stage", Problem(n_samples=4, dim=100), steps=3)
    >>> result = analyse(cell, train(cell.problem, seeds=2, steps=3), benign)
    >>> problem_title(result)
    '$N = 4$, $d = 100$, $\\mathrm{SNR} = 2$, $p = 0$, $\\eta = 0.1$'
    >>> problem_words(result)
    'N = 4, d = 100, SNR = 2, p = 0, η = 0.1'
    """
    shown = _numbers(result)
    typeset = {"SNR": r"\mathrm{SNR}", "η": r"\eta"}
    parts = (f"${typeset.get(name, name)} = {_typeset(value)}$" for name, value in shown)
    return ", ".join(parts) or result.cell.name


def problem_words(result: CellResult) -> str:
    """The same in plain text, for captions."""
    parts = (f"{name} = {value:.3g}" for name, value in _numbers(result))
    return ", ".join(parts) or f"cell {result.cell.name}"


def _numbers(result: CellResult) -> list[tuple[str, float]]:
    values = result.values
    if result.cell.trained is None or not {"N", "d", "mu", "sigma_p", "p", "eta"} <= values.keys():
        return []
    snr = values["mu"] / (values["sigma_p"] * float(np.sqrt(values["d"])))
    pairs = (("N", "N"), ("d", "d"), ("SNR", ""), ("p", "p"), ("η", "eta"))
    return [(name, float(values[symbol]) if symbol else snr) for name, symbol in pairs]


def _typeset(value: float) -> str:
    r"""A number inside a formula.

    >>> _typeset(2e9), _typeset(0.05), _typeset(1e6), _typeset(0.0)
    ('2{\\times}10^{9}', '0.05', '10^{6}', '0')
    """
    text = f"{value:.2g}" if not float(value).is_integer() or abs(value) >= 1e4 else f"{value:.0f}"
    head, _, power = text.partition("e")
    if not power:
        return head
    return f"10^{{{int(power)}}}" if head == "1" else rf"{head}{{\times}}10^{{{int(power)}}}"


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


def quantiles_by_step(
    steps: Array, own: Array, values: Array, shares: Sequence[float]
) -> tuple[Array, NDArray[np.int64]]:
    """`quantile` for runs that have steps of their own, over the runs logged at each step.

    Args:
        steps: (S,) every step, in order.
        own: (R, T) the steps of each run.
        values: (R, T) its values there.
        shares: (K,) between 0 and 1.

    Returns:
        (K, S) quantiles and (S,) the number of runs behind them.

    Example:
        >>> own, values = np.array([[0.0, 10.0], [0.0, 15.0]]), np.array([[1.0, 5.0], [3.0, 7.0]])
        >>> middle, runs = quantiles_by_step(np.array([0.0, 10.0, 15.0]), own, values, [0.5])
        >>> middle, runs
        (array([[2., 5., 7.]]), array([2, 1, 1]))
    """
    known = np.isfinite(values)
    at = np.searchsorted(steps, own[known])
    order = np.lexsort((values[known], at))
    ordered, runs = values[known][order], np.bincount(at, minlength=steps.size)
    first = np.cumsum(runs) - runs
    out = np.full((len(shares), steps.size), np.nan)
    for count in np.unique(runs[runs > 0]).tolist():
        where = np.flatnonzero(runs == count)
        columns = ordered[first[where] + np.arange(count)[:, None]]
        for row, share in enumerate(shares):
            out[row, where] = np.quantile(columns, share, axis=0)
    return out, runs


def tags(bounds: list[Bound]) -> str:
    """The provenance of bounds for a title, e.g. ``"RECONSTRUCTED bounds"``; empty if none."""
    names = sorted({bound.provenance.value for bound in bounds})
    return f"{' and '.join(names)} bound{'s' if len(bounds) > 1 else ''}" if names else ""


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
