"""Are the three stages seen: signal learned, flips memorised, loss at ε?"""

from __future__ import annotations

import numpy as np

from ...thresholds import TRANSFER_FLIPS_FITTED, TRANSFER_SHARE, TRANSFER_SIGNAL_LEARNED
from ..answer import Answer, of_share, undecided
from ..question import Question
from ..trained import DepartureRuns


def _ask(runs: DepartureRuns, base: DepartureRuns) -> Answer:
    curves = runs.curves["benign"]
    target = runs.settings["benign"].problem.target_loss
    flips = np.isfinite(curves["flipped_fitted"][:, 0])
    if not flips.any():
        return undecided("no run has a flipped label")
    marks = (
        curves["clean_error"] <= TRANSFER_SIGNAL_LEARNED,
        curves["flipped_fitted"] >= TRANSFER_FLIPS_FITTED,
        curves["objective"] <= target,
    )
    # labels that a start fits by chance are not memorised: an event counts once it lasts
    learned, memorised, fitted = (_lasting(mark) for mark in marks)
    ordered = (learned < memorised) & (memorised <= fitted) & np.isfinite(fitted)
    return of_share(
        ordered[flips], TRANSFER_SHARE, "learn the signal, then fit the flips, then reach ε"
    )


def _lasting(mark: np.ndarray) -> np.ndarray:
    """(R,) first logged column from which a mark lasts to the end, inf if it does not."""
    lasts = np.flip(np.logical_and.accumulate(np.flip(mark, axis=1), axis=1), axis=1)
    return np.where(lasts.any(axis=1), lasts.argmax(axis=1).astype(float), np.inf)


QUESTION = Question(
    order=2,
    title="three stages",
    claim="In the benign cell runs learn the signal, then fit flipped labels, then reach ε.",
    effect="share of runs with this order",
    ask=_ask,
    theory=1.0,
)
