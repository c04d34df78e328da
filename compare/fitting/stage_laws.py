"""A law for a stage time at the numbers of a cell."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from ...theory import StageTime
from ...theory.evaluation.numbers import symbol_names
from ..cells import CellResult, Study


def law_constants(study: Study, law: StageTime) -> dict[str, float] | None:
    """Values of a law's constants: 1 for a single one, which no ratio between cells sees.

    Several are those fitted on calibration cells; None where they could not be fitted. Empty for a
    law that leaves none open.
    """
    if len(law.constants) == 1:
        return {str(law.constants[0]): 1.0}
    names = {str(constant): f"{constant} of {law.name}" for constant in law.constants}
    if any(name not in study.constants for name in names.values()):
        return None
    return {constant: study.constants[name].value for constant, name in names.items()}


def law_steps(law: StageTime, result: CellResult, constants: Mapping[str, float]) -> float:
    """The law at a cell's numbers, in gradient steps."""
    needed = symbol_names(law.expr)
    known = {**result.values, **constants}
    return float(law.numeric(**{k: v for k, v in known.items() if k in needed}))


def cell_without_steps(
    law: StageTime, results: Iterable[CellResult], constants: Mapping[str, float]
) -> str | None:
    """The first of the cells in which the law is not a positive number of steps, if any."""
    for result in results:
        if not 0 < law_steps(law, result, constants) < math.inf:
            return result.cell.name
    return None
