"""L6: how the limit's error falls with d and with d_h."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cells import CellResult, Role, Study, scope_of, taught_nothing
from ..claim import Claim
from ..errors import CompareError
from ..predicted.runs import complete
from ..predicted.sizes import LOSSES, NUMBERS, chain, mean_error
from ..statistics.powers import PowerFit, fit_powers
from ..thresholds import (
    LIMIT_ERROR_POWER_TOLERANCE,
    LIMIT_ERROR_POWERS_MISS,
    POWER_MATERIAL_SHARE,
)
from ..verdict import Status, Verdict
from .agreement import agreement

Array = NDArray[np.float64]

LAW = -0.5


def error_power(cells: Sequence[CellResult], number: str, quantity: str) -> PowerFit:
    """The power with which the error falls along a chain; rows are runs, units are cells.

    Raises:
        CompareError: too few cells.
    """
    errors, logs, labels = [], [], []
    for rank, cell in enumerate(cells):
        counts = ~taught_nothing(cell) & complete(cell)
        own = mean_error(cell.trained, quantity)[counts]
        errors.append(own)
        logs.append(np.full(own.size, np.log(cell.values[number])))
        labels.append(np.full(own.size, rank))
    every = np.concatenate(errors) if errors else np.empty(0)
    if not every.size:
        raise CompareError(f"no cell of the kind limit-size in which {number} grows")
    return fit_powers(np.log(every), {number: np.concatenate(logs)}, np.concatenate(labels))


@dataclass(frozen=True)
class ErrorPowers:
    """Powers of d and of d_h in the limit's error of train_loss and test_loss, limit-size cells.

    The error is the root mean square of predicted/trained - 1 over the logged steps of a run; log
    error is fitted against log d, and against log d_h, with cells as units (CR2). Each of the four
    powers must agree with -1/2 by its interval: within 0.125 of it, or it differs where the
    interval excludes -1/2 and the power is 0.094 off; all intervals hold with 95%. Runs count in
    which both classes have more kept than flipped labels. INCONCLUSIVE where a run diverged,
    stopped or was cut off.
    """

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the limit-size cells."""
        cells = list(study.select(Role.HELD_OUT, "limit-size"))
        confidence = 1 - LIMIT_ERROR_POWERS_MISS / (len(NUMBERS) * len(LOSSES))
        lines: dict[str, dict[str, object]] = {}
        distance = 0.0
        try:
            for number in NUMBERS:
                for quantity in LOSSES:
                    fit = error_power(chain(cells, number), number, quantity)
                    low, high = fit.interval(number, confidence)
                    word = agreement(
                        fit[number] - LAW, low - LAW, high - LAW,
                        tolerance=LIMIT_ERROR_POWER_TOLERANCE,
                        material=POWER_MATERIAL_SHARE * LIMIT_ERROR_POWER_TOLERANCE,
                    )  # fmt: skip
                    distance = max(distance, abs(low - LAW), abs(high - LAW))
                    lines[f"{quantity}, {number}"] = {
                        "power": fit[number], "interval": [low, high], "judged": word,
                        "cells": fit.cells, "rows": fit.rows,
                    }  # fmt: skip
        except CompareError as error:
            return claim.verdict(study, Status.INCONCLUSIVE, str(error))
        cut = sum(int((~complete(each)).sum()) for each in cells)
        words = {line["judged"] for line in lines.values()}
        status = Status.INCONCLUSIVE
        if "differs" in words:
            status = Status.VIOLATED
        elif words == {"agrees"} and not cut:
            status = Status.HOLDS
        said = [f"{name}: {line['power']:.3f}" for name, line in lines.items()]
        reason = f"powers of the error, {'; '.join(said)}"
        if cut:
            reason += f"; {cut} runs diverged, stopped or were cut off"
        return claim.verdict(
            study,
            status,
            reason,
            scope=scope_of(cells),
            statistic=distance,
            statistic_name="largest distance of an interval's end from -1/2",
            threshold=LIMIT_ERROR_POWER_TOLERANCE,
            evidence={"powers": lines, "undecided": cut},
        )
