"""`StrengthBoundary`: does a quantity cross a level at a constant value of a product of powers?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...theory import Boundary
from ..cells import CellResult, Role, Study, scope_of
from ..claim import Claim
from ..errors import CompareError
from ..fitting.bounds import speaks_of
from ..fitting.strength import good_runs, log_strength
from ..shape.numbers import TOLD_APART, columns_of
from ..shape.wrong_powers import POWERS
from ..statistics.strength import StrengthFit, fit_strength, percentiles
from ..thresholds import (
    BOUNDARY_CONFIDENCE,
    BOUNDARY_RESAMPLES,
    LOGISTIC_RIDGE,
    POWER_MATERIAL_SHARE,
    POWERS_MISS,
    STRENGTH_FORESEEN,
    STRENGTH_POWER_TOLERANCE,
    WEAK_TEST_SHARE,
)
from ..verdict import Status, Verdict
from .agreement import Word, agreement

Array = NDArray[np.float64]


@dataclass(frozen=True)
class StrengthBoundary:
    """The boundary that bears the claim's id, on all cells that it speaks of.

    A run is good if its quantity is at most the level, read at the first logged step at or after
    the boundary's event, or at the last step; a run that did not reach it is left out. The chance
    of a good run is logistic in the logarithms of every number that varies among the cells; the
    powers follow up to one factor, which makes that of the number with the largest power in the
    law, the reference, the law's. HOLDS where every other power agrees with the law's (0 for a
    number that the law does not hold) and the law's constant, fitted on the calibration cells,
    foresees on which side at least nine in ten of the held-out cells have most of their runs;
    VIOLATED where a power differs; else INCONCLUSIVE. A power agrees where its interval lies within
    1/4 of the law's and contains it, or is surely less than three quarters of that off; it differs
    where its interval excludes the law's power and it is off by as much. Intervals are percentiles
    of a Bayesian bootstrap over cells; those that decide miss in 5% together. A wrong power is
    rejected if the same rule says that the power differs from it; a HOLDS that rejects less than
    half of the wrong powers, each number's by 1/2 and 1 to either side and with the number left
    out, is INCONCLUSIVE.
    """

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the stage cells of both roles."""
        boundary = next(part for part in study.theorem.boundaries if part.name == claim.id)
        cells = [
            result
            for result in study.select(kind="stage")
            if speaks_of(boundary, result) and boundary.quantity in result.trajectory.quantities
        ]
        counts = [good_runs(result, boundary) for result in cells]
        cells = [cell for cell, (_, runs) in zip(cells, counts, strict=True) if runs]
        counts = [count for count in counts if count[1]]
        good, runs = np.array(counts, dtype=float).reshape(-1, 2).T
        logs, together = _predictors(cells, boundary)
        law = _law_of(logs, cells, boundary)
        try:
            fit = fit_strength(
                logs, law, log_strength(cells, boundary), good, runs,
                resamples=BOUNDARY_RESAMPLES, ridge=LOGISTIC_RIDGE,
            )  # fmt: skip
            known = _foreseen(cells, good, runs, boundary)
        except CompareError as error:
            return claim.verdict(study, Status.INCONCLUSIVE, str(error))
        judged = {name: _word(fit, name, law[name]) for name in law if name != fit.reference}
        rejected, tried = _wrong_powers(fit, law)
        words = set(judged.values())
        status = Status.INCONCLUSIVE
        if "differs" in words:
            status = Status.VIOLATED
        elif words == {"agrees"} and known.share >= STRENGTH_FORESEEN:
            status = Status.HOLDS if rejected >= WEAK_TEST_SHARE * tried else status
        low, high = percentiles(fit.constants, BOUNDARY_CONFIDENCE)
        said = [
            f"{boundary.quantity} crosses {boundary.level} at {boundary.strength} = "
            f"{fit.constant:.3g} [{low:.3g}, {high:.3g}]",
            _powers_text(fit, law, judged),
            known.text(),
            f"{rejected} of {tried} wrong powers rejected",
            *together,
        ]
        worst = max((_off(fit, name, law[name]) for name in judged), default=math.nan)
        return claim.verdict(
            study,
            status,
            "; ".join(said),
            scope=scope_of(cells),
            statistic=worst,
            statistic_name="largest distance of a power from the law's, over a material one",
            relation="<=",
            threshold=1.0,
            evidence={
                "reference": fit.reference,
                "powers": {
                    name: {
                        "law": law[name],
                        "measured": fit.powers[name],
                        "interval_95": list(fit.interval(name, BOUNDARY_CONFIDENCE)),
                        "judged": judged.get(name, "is the reference"),
                    }
                    for name in law
                },
                "constant": fit.constant,
                "constant_interval_95": [low, high],
                "constant_of_calibration_cells": known.constant,
                "held_out_cells_foreseen": [known.right, known.cells],
                "wrong_powers": [rejected, tried],
                "vary_together": list(together),
            },
        )


def _predictors(
    cells: Sequence[CellResult], boundary: Boundary
) -> tuple[dict[str, Array], tuple[str, ...]]:
    """Logarithms of the numbers that vary independently, and what varies together, in words.

    A number that the law holds is kept before one that it does not.
    """
    columns = columns_of([result.values for result in cells])
    inside = [name for name in boundary.powers if name in columns]
    order = [*inside, *(name for name in columns if name not in boundary.powers)]
    varying = {n: columns[n].logs for n in order if columns[n].power and columns[n].varies()}
    told: dict[str, Array] = {}
    said = []
    for name, column in varying.items():
        rest = column - column.mean()
        size = np.linalg.norm(rest)
        if told:
            known = np.column_stack([other - other.mean() for other in told.values()])
            rest = rest - known @ np.linalg.lstsq(known, rest, rcond=None)[0]
        if np.linalg.norm(rest) > TOLD_APART * size:
            told[name] = column
        else:
            said.append(f"{name} varies together with {', '.join(told)}")
    return told, tuple(said)


def _law_of(
    logs: Mapping[str, Array], cells: Sequence[CellResult], boundary: Boundary
) -> dict[str, float]:
    """The law's power of each predictor, with that of numbers that vary along with it."""
    if boundary.powers.keys() - logs.keys() and logs:
        level = log_strength(cells, boundary)
        table = np.column_stack([column - column.mean() for column in logs.values()])
        slopes = np.linalg.lstsq(table, level - level.mean(), rcond=None)[0]
        return {name: float(slope.round(6)) for name, slope in zip(logs, slopes, strict=True)}
    return {name: boundary.powers.get(name, 0.0) for name in logs}


def _word(fit: StrengthFit, name: str, wanted: float) -> Word:
    deciding = 1 - POWERS_MISS / max(len(fit.powers) - 1, 1)
    low, high = fit.interval(name, deciding)
    return agreement(
        fit.powers[name] - wanted, low - wanted, high - wanted,
        tolerance=STRENGTH_POWER_TOLERANCE,
        material=POWER_MATERIAL_SHARE * STRENGTH_POWER_TOLERANCE,
    )  # fmt: skip


def _off(fit: StrengthFit, name: str, wanted: float) -> float:
    return abs(fit.powers[name] - wanted) / (POWER_MATERIAL_SHARE * STRENGTH_POWER_TOLERANCE)


def _wrong_powers(fit: StrengthFit, law: Mapping[str, float]) -> tuple[int, int]:
    """How many wrong powers the same rule rejects, and how many are tried."""
    rejected = tried = 0
    for name in law:
        if name == fit.reference:
            continue
        wrong = {law[name] + by for by in POWERS} | ({0.0} if law[name] else set())
        tried += len(wrong)
        rejected += sum(_word(fit, name, power) == "differs" for power in wrong)
    return rejected, tried


@dataclass(frozen=True)
class _Foreseen:
    """What the calibration cells' constant says of the held-out cells."""

    constant: float
    right: int
    cells: int

    @property
    def share(self) -> float:
        return self.right / self.cells if self.cells else 0.0

    def text(self) -> str:
        return (
            f"the calibration cells' constant, {self.constant:.3g}, foresees the side of "
            f"{self.right} of {self.cells} held-out cells"
        )


def _foreseen(
    cells: Sequence[CellResult], good: Array, runs: Array, boundary: Boundary
) -> _Foreseen:
    level = log_strength(cells, boundary)
    held = np.array([result.cell.role is Role.HELD_OUT for result in cells])
    fit = fit_strength(
        {"strength": level[~held]}, {"strength": 1.0}, level[~held], good[~held], runs[~held],
        resamples=0, ridge=LOGISTIC_RIDGE,
    )  # fmt: skip
    mostly = good[held] >= runs[held] / 2
    right = mostly == (level[held] >= np.log(fit.constant))
    return _Foreseen(fit.constant, int(right.sum()), int(held.sum()))


def _powers_text(fit: StrengthFit, law: Mapping[str, float], judged: Mapping[str, Word]) -> str:
    parts = []
    for name in law:
        if name == fit.reference:
            continue
        low, high = fit.interval(name, BOUNDARY_CONFIDENCE)
        wanted = f", {judged[name]} with {law[name]:g}" if judged[name] != "open" else (
            f", open beside {law[name]:g}"
        )  # fmt: skip
        parts.append(f"{name}^{fit.powers[name]:.2f} [{low:.2f}, {high:.2f}]{wanted}")
    return f"for {fit.reference}^{law[fit.reference]:g}: " + ("; ".join(parts) or "no other number")
