"""A study with the limit's prediction in place of every trained run."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ...simulate import EngineError
from ..cells import CellResult, Study, analyse
from .runs import predicted


def limit_study(study: Study, kinds: Collection[str]) -> Study:
    """The limit's run of each trained run of some kinds of cells; the constants stay as fitted.

    Cells that the limit does not describe, or that were not trained here, even for a step, are left
    out. test_error
    and log_failure_prob are not predicted.

    Args:
        study: with trained cells.
        kinds: of the cells to predict; the others are left out.
    """
    cells = (result for result in study.results if result.cell.kind in kinds)
    foreseen = (_foreseen(study, result) for result in cells if result.cell.trained is not None)
    return replace(study, results=tuple(result for result in foreseen if result is not None))


def _foreseen(study: Study, result: CellResult) -> CellResult | None:
    if result.trained.steps[-1] < 1:
        return None
    try:
        made = predicted(result.trained, failures=False)
    except EngineError:
        return None
    return analyse(result.cell, made, study.theorem, dict(result.values))
