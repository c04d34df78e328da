"""Fitted powers of a stage time beside those of its laws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...theory import StageTime
from ..cells import Study, scope_of
from ..errors import CompareError
from ..fitting.stage_laws import cell_without_steps, law_constants, law_steps
from ..statistics.model_comparison import compare_laws
from ..statistics.powers import PowerFit, fit_powers
from ..thresholds import LAW_COMPARISON_MIN_CELLS, TIME_POWER_TOLERANCE, TIME_POWERS_MISS
from ..verdict import Scope
from .agreement import Word
from .power_rows import EventRows, event_rows, power_cells
from .powers import judge, table, varying

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TimePowers:
    """Fitted powers of a stage time, beside those of its laws.

    Attributes:
        fit: of the time, over the runs of the design for powers; None where it cannot be fitted.
        laws: form -> the law's powers as the same fit reads them from the law's own times.
        words: form -> power -> ``"agrees"``, ``"differs"`` or ``"open"``.
        scope: of the cells.
        evidence: JSON-ready.
        rows: behind the fit.
    """

    fit: PowerFit | None
    laws: Mapping[str, Mapping[str, float]]
    words: Mapping[str, Mapping[str, Word]]
    scope: Scope
    evidence: Mapping[str, object]
    rows: EventRows | None = None

    def of_law(self, study: Study, law: StageTime) -> Mapping[str, Word] | None:
        """What is said of the powers of a law that need not be its theorem's; None without a fit.

        Args:
            study: with the law's constants, where it has several.
            law: of the same event.
        """
        if self.fit is None or self.rows is None:
            return None
        steps = _log_steps(study, law, self.rows)
        return None if steps is None else _judged(self.fit, _seen(steps, self.rows))

    def differing(self, form: str) -> list[str]:
        """The powers that differ from a law's, in words, the furthest off first."""
        if self.fit is None or form not in self.words:
            return []
        return self._told(form, self.fit, "differs")

    def excluded(self, form: str) -> list[str]:
        """The powers that are open although their interval excludes the law's, in words."""
        if self.fit is None or form not in self.words:
            return []
        return self._told(form, self.fit, "open")

    def _told(self, form: str, fit: PowerFit, wanted: Word) -> list[str]:
        law, told = self.laws[form], []
        for name in sorted(law, key=lambda name: -abs(fit[name] - law[name])):
            low, high = fit.interval(name)
            if self.words[form][name] == wanted and not low <= law[name] <= high:
                told.append(
                    f"{name}^{fit[name]:.2f} [{low:.2f}, {high:.2f}] for {law[name] + 0.0:.3g}"
                )
        return told

    def agrees(self, form: str) -> bool:
        """Whether every power agrees with the law's."""
        return form in self.words and set(self.words[form].values()) == {"agrees"}


def time_powers(study: Study, event: str) -> TimePowers:
    """Powers of a stage time beside those of its laws, and the laws by held-out likelihood."""
    rows = event_rows(power_cells(study, False), event)
    scope = scope_of(rows.results)
    if not rows.results:
        reason = f"no cell of the design for powers reaches {event}"
        return TimePowers(None, {}, {}, scope, {"not_fitted": reason})
    predictors = varying(rows.numbers) | dict(rows.explained)
    laws: dict[str, dict[str, float]] = {}
    steps: dict[str, Array] = {}
    try:
        fit = fit_powers(np.log(rows.steps), predictors, rows.cell)
        for law in study.theorem.times:
            known = _log_steps(study, law, rows) if law.event == event else None
            if known is not None:
                steps[law.form] = known
                laws[law.form] = _seen(known, rows)
        rivals = compare_laws(_cell_means(rows, fit), steps, min_cells=LAW_COMPARISON_MIN_CELLS)
    except CompareError as error:
        return TimePowers(None, {}, {}, scope, {"not_fitted": str(error)})
    words = {form: _judged(fit, law) for form, law in laws.items()}
    evidence = table(fit, laws, tuple(rows.explained)) | {
        "judged": words,
        "tolerance": f"{TIME_POWER_TOLERANCE:g} of the law's power, "
        f"at least {TIME_POWER_TOLERANCE:g}",
        "held_out_log_likelihood_a_cell": dict(rivals.log_likelihoods),
        "better": rivals.better,
        "behind_the_better": {
            form: [rivals.differences[form], rivals.errors[form]] for form in laws
        },
        "scatter_log_of_time_over_law": dict(rivals.scatters),
    }
    return TimePowers(fit, laws, words, scope, evidence, rows)


def _log_steps(study: Study, law: StageTime, rows: EventRows) -> Array | None:
    """(C,) logarithm of the law in each cell; None where it is not a number of steps in some."""
    constants = law_constants(study, law)
    if constants is None or cell_without_steps(law, rows.results, constants) is not None:
        return None
    return np.log([law_steps(law, result, constants) for result in rows.results])


def _seen(steps: Array, rows: EventRows) -> dict[str, float]:
    """The powers that the same fit reads from a law: exact for a product, a sum's projection."""
    predictors = varying(rows.numbers) | dict(rows.explained)
    numbers = [name for name in predictors if name not in rows.explained]
    design = np.column_stack([np.ones(rows.cell.size), *predictors.values()])
    seen = np.linalg.lstsq(design, steps[rows.cell], rcond=None)[0]
    return dict(zip(numbers, seen[1:].round(6).tolist(), strict=False))


def _judged(fit: PowerFit, law: Mapping[str, float]) -> dict[str, Word]:
    return judge(
        fit,
        law,
        tuple(law),
        tolerance={name: TIME_POWER_TOLERANCE * max(1.0, abs(law[name])) for name in law},
        family=TIME_POWERS_MISS,
    )


def _cell_means(rows: EventRows, fit: PowerFit) -> Array:
    """(C,) mean log time of each cell's runs, less what their draws explain."""
    drawn = sum((fit[name] * column for name, column in rows.explained.items()), 0.0)
    adjusted = np.log(rows.steps) - drawn
    return np.bincount(rows.cell, adjusted) / np.bincount(rows.cell)
