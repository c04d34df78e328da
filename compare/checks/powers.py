"""Fitted powers beside those of a law, and whether the two agree.

A power differs from a law's where its interval excludes the law's power and the fitted power is
three quarters of the tolerance off or more; it agrees where its interval lies within the tolerance
and contains the law's power or is surely less off than that; it is open otherwise (`agreement`).
The intervals that decide let one of a fit's powers be wrong with a
stated chance; those shown are 95% each. Fits are over runs, cells as the units, with what the
runs' draws explain of their scatter taken out (`seed_covariates`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ...theory.evaluation.decay import decay_powers, log_powers
from ..cells import Study, scope_of
from ..errors import CompareError
from ..statistics.powers import PowerFit, fit_powers
from ..thresholds import POWER_MATERIAL_SHARE, POWER_SPARE_CELLS, POWER_TOLERANCE, POWERS_MISS
from ..verdict import Scope
from .agreement import Word, agreement
from .power_rows import NUMBERS, VARIES, StageRows, power_cells, stage_rows

Array = NDArray[np.float64]

#: The draws that scatter -log P between runs.
DRAWS = "weaker class"


def judge(
    fit: PowerFit,
    law: Mapping[str, float],
    names: tuple[str, ...] | None = None,
    *,
    tolerance: Mapping[str, float] | float = POWER_TOLERANCE,
    family: float = POWERS_MISS,
) -> dict[str, Word]:
    """Name -> ``"agrees"``, ``"differs"`` or ``"open"``; a power the law lacks is 0.

    Args:
        fit: the fitted powers.
        law: the law's.
        names: whose powers are judged; all of the fit's if None.
        tolerance: for all, or by name.
        family: chance that one of the deciding intervals misses.

    Example:
        >>> x = np.log([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
        >>> fit = fit_powers(2 * x + 0.01 * np.array([1, -1, 1, -1, 1, -1]), {"t": x})
        >>> judge(fit, {"t": 2.0}), judge(fit, {"t": 1.75})
        ({'t': 'agrees'}, {'t': 'differs'})
    """
    judged = fit.names if names is None else names
    confidence = 1 - family / len(judged)
    out: dict[str, Word] = {}
    for name in judged:
        limit = tolerance if isinstance(tolerance, float) else tolerance[name]
        wanted = law.get(name, 0.0)
        low, high = (end - wanted for end in fit.interval(name, confidence))
        out[name] = agreement(
            fit[name] - wanted, low, high, tolerance=limit, material=POWER_MATERIAL_SHARE * limit
        )
    return out


def table(
    fit: PowerFit, columns: Mapping[str, Mapping[str, float]], explained: tuple[str, ...]
) -> dict[str, object]:
    """JSON-ready: a line for each power, those of laws beside what was measured.

    Args:
        fit: the fitted powers.
        columns: name of a law -> its powers.
        explained: which of the predictors, where the fit has them, are a run's draws.
    """
    numbers = [name for name in fit.names if name not in explained]
    explained = tuple(name for name in explained if name in fit.names)
    lines = {
        name: {column: round(law.get(name, 0.0), 4) for column, law in columns.items()}
        | {"measured": fit[name], "interval_95": list(fit.interval(name))}
        for name in numbers
    }
    draws = {
        name: {"coefficient": fit[name], "interval_95": list(fit.interval(name))}
        for name in explained
    }
    return {
        "powers": lines,
        "explained_by_draws": draws,
        "cells": fit.cells,
        "rows": fit.rows,
        "scatter_log": fit.scatter,
    }


def fit_stage(rows: StageRows, reading: str) -> PowerFit:
    """Powers in one stage.

    Args:
        rows: of the stage.
        reading: ``"depth"`` fits -log P against t; ``"gained"`` fits what -log P gained since
            the stage began against the time since then, as the bounds are written.

    Raises:
        CompareError: too few cells.
    """
    clock, response = (rows.t, rows.depth) if reading == "depth" else (rows.since, rows.gained)
    if response.size == 0:
        raise CompareError("no cell of the design for powers has both events of the stage")
    predictors = {"t": np.log(clock)} | varying(rows.numbers)
    if np.ptp(rows.weaker) > VARIES:
        predictors[DRAWS] = rows.weaker
    return fit_powers(np.log(response), predictors, rows.cell)


def judged_cells(study: Study, stages: tuple[int, ...]) -> tuple[dict[int, StageRows], Scope]:
    """Rows of each stage, of the cells inside the assumptions if they suffice, else of all."""
    for inside_only in (True, False):
        cells = power_cells(study, inside_only)
        rows = {stage: stage_rows(cells, stage) for stage in stages}
        if min(len(part.results) for part in rows.values()) > len(NUMBERS) + POWER_SPARE_CELLS:
            break
    used = {id(result): result for part in rows.values() for result in part.results}
    return rows, scope_of(used.values())


def bound_powers(study: Study, name: str, rate: str, clock: str) -> dict[str, float]:
    """Powers in the exponent of a bound C·exp(-k·x), in the time since its stage began."""
    bound = study.theorem.bound(name)
    (x,) = [-e for k, e in bound.envelope_terms().rates.items() if str(k) == rate]
    start = next(s for s in x.free_symbols if str(s) == clock)
    return log_powers(x.subs(start, 0), {str(s): 1.0 for s in x.free_symbols})


def derived_powers(rows: StageRows, *, slowed: bool) -> dict[str, float]:
    """The DERIVED powers of -log P: V linear, or slowed by the loss slope as in these rows."""
    return decay_powers(float(rows.growth.mean()) if slowed else 1.0)


def varying(numbers: Mapping[str, Array]) -> dict[str, Array]:
    """Logarithms of the numbers that vary at all."""
    return {
        name: np.log(values) for name, values in numbers.items() if np.ptp(np.log(values)) > VARIES
    }
