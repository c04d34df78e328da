"""Fitted powers beside those of a law, and whether the two agree.

A power agrees with a law's where its interval lies within `TOLERANCE` of it, differs where the
interval lies wholly outside, and is open between the two. The intervals that decide are taken at
a confidence that lets one of a fit's powers be wrong in 5% of all fits; those shown are 95% each.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from sympy import Symbol

from ...theory import StageTime, log_term
from ...theory.decay import decay_powers, log_powers
from ..errors import CompareError
from ..exponents import PowerFit, fit_powers
from ..rivals import compare_laws
from ..study import CellResult, Study, scope_of
from ..verdict import Scope
from .power_rows import (
    NUMBERS,
    StageRows,
    cell_median,
    log_terms,
    power_cells,
    stage_rows,
)
from .stage_laws import law_constants, law_steps

Array = NDArray[np.float64]

#: How far a power may be from a law's: half a unit tells whole powers apart (fixed beforehand).
TOLERANCE = 0.5
#: Chance that one of a fit's deciding intervals misses.
FAMILY = 0.05
#: L as a number of its own.
_L = Symbol("L", positive=True)


def judge(fit: PowerFit, law: Mapping[str, float]) -> dict[str, str]:
    """Name -> ``"agrees"``, ``"differs"`` or ``"open"``; a power the law lacks is 0.

    Example:
        >>> x = np.log([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
        >>> fit = fit_powers(2 * x + 0.01 * np.array([1, -1, 1, -1, 1, -1]), {"t": x})
        >>> judge(fit, {"t": 2.0}), judge(fit, {"t": 1.0})
        ({'t': 'agrees'}, {'t': 'differs'})
    """
    confidence = 1 - FAMILY / len(fit.names)
    out = {}
    for name in fit.names:
        low, high = (end - law.get(name, 0.0) for end in fit.interval(name, confidence))
        agrees = low >= -TOLERANCE and high <= TOLERANCE
        differs = high < -TOLERANCE or low > TOLERANCE
        out[name] = "agrees" if agrees else "differs" if differs else "open"
    return out


def table(fit: PowerFit, columns: Mapping[str, Mapping[str, float]]) -> dict[str, object]:
    """JSON-ready: a line for each power, those of laws beside what was measured."""
    lines = {
        name: {column: round(law.get(name, 0.0), 4) for column, law in columns.items()}
        | {"measured": fit[name], "interval_95": list(fit.interval(name))}
        for name in fit.names
    }
    return {"powers": lines, "cells": fit.cells, "rows": fit.rows, "scatter_log": fit.scatter}


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
    predictors = {"t": np.log(clock)} | _varying(rows.numbers)
    return fit_powers(np.log(response), predictors, rows.cell)


def judged_cells(study: Study, stages: tuple[int, ...]) -> tuple[dict[int, StageRows], Scope]:
    """Rows of each stage, of the cells inside the assumptions if they suffice, else of all."""
    for inside_only in (True, False):
        cells = power_cells(study, inside_only)
        rows = {stage: stage_rows(cells, stage) for stage in stages}
        if min(len(one.results) for one in rows.values()) > len(NUMBERS) + 2:
            break
    used = {id(one): one for part in rows.values() for one in part.results}
    return rows, scope_of(used.values())


def bound_powers(study: Study, name: str, rate: str, clock: str) -> dict[str, float]:
    """Powers in the exponent of a bound C·exp(-k·x), in the time since its stage began."""
    bound = study.theorem.bound(name)
    (x,) = [-e for k, e in bound.envelope_terms().rates.items() if str(k) == rate]
    start = next(s for s in x.free_symbols if str(s) == clock)
    return log_powers(x.subs(start, 0), {str(s): 1.0 for s in x.free_symbols})


def derived_powers(rows: StageRows, stage: int) -> dict[str, float]:
    """The DERIVED powers of -log P: V linear in stage 2, slowed by the loss slope in stage 3."""
    return decay_powers(1.0 if stage == 2 else float(rows.growth.mean()))


def time_powers(study: Study, event: str) -> dict[str, object]:
    """Powers of a stage time beside those of its laws, and the laws by held-out likelihood."""
    cells = [one for one in power_cells(study, False) if np.isfinite(cell_median(one, event))]
    if not cells:
        return {"not_fitted": f"no cell of the design for powers reaches {event}"}
    response = np.log([cell_median(one, event) for one in cells])
    numbers = {n: np.array([one.values[n] for one in cells], dtype=float) for n in NUMBERS}
    columns: dict[str, dict[str, float]] = {}
    steps: dict[str, Array] = {}
    for law in study.theorem.times:
        constants = law_constants(study, law)
        if law.event == event and constants is not None and cells:
            columns[law.form], steps[law.form] = _law_columns(law, constants, cells)
    try:
        fit = fit_powers(response, _varying(numbers) | {"L": np.log(log_terms(cells))})
        rivals = compare_laws(response, {form: np.log(one) for form, one in steps.items()})
    except CompareError as error:
        return {"not_fitted": str(error)}
    return table(fit, columns) | {
        "judged": {form: judge(fit, law) for form, law in columns.items()},
        "held_out_log_likelihood_a_cell": dict(rivals.log_likelihoods),
        "better": rivals.better,
        "behind_the_better": {
            form: [rivals.differences[form], rivals.errors[form]] for form in columns
        },
        "scatter_log_of_time_over_law": dict(rivals.scatters),
    }


def _varying(numbers: Mapping[str, Array]) -> dict[str, Array]:
    return {name: np.log(one) for name, one in numbers.items() if np.ptp(np.log(one)) > 1e-6}


def _law_columns(
    law: StageTime, constants: Mapping[str, float], cells: list[CellResult]
) -> tuple[dict[str, float], Array]:
    """Median local powers of a law over cells, L counted as a number of its own; and its steps."""
    expr = law.expr.xreplace({log_term: _L})
    found: dict[str, list[float]] = {}
    for one, size in zip(cells, log_terms(cells), strict=True):
        values = {**one.values, **constants, "L": float(size)}
        for name, power in log_powers(expr, values).items():
            found.setdefault(name, []).append(power)
    steps = np.array([law_steps(law, one, dict(constants)) for one in cells])
    return {name: float(np.median(powers)) for name, powers in found.items()}, steps
