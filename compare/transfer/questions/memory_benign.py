"""Is the signal's memory larger than the noise's on the benign side?"""

from __future__ import annotations

import numpy as np

from ...thresholds import TRANSFER_MEMORY
from ..answer import Answer, not_asked, of_mean
from ..question import Question
from ..trained import DepartureRuns


def ratio(runs: DepartureRuns, cell: str) -> Answer | np.ndarray:
    """(R,) log2 of the signal's memory over the noise's, or why there is nothing."""
    if not runs.settings[cell].architecture.has_values:
        return not_asked("f is not linear in the values of tokens: no V")
    curves = runs.curves[cell]
    signal, noise = curves["v_signal"][:, -1], curves["v_noise"][:, -1]
    with np.errstate(invalid="ignore", divide="ignore"):
        # a signal's memory of the wrong sign is nothing
        return np.asarray(np.log2(np.maximum(signal, 1e-3 * noise) / noise))


def _ask(runs: DepartureRuns, base: DepartureRuns) -> Answer:
    values = ratio(runs, "benign")
    if isinstance(values, Answer):
        return values
    return of_mean(values, TRANSFER_MEMORY, "log2(V/|V_n|)", "+.2f")


QUESTION = Question(
    order=7,
    title="benign: V above V_n",
    claim="In the benign cell the signals' memory V is larger than the noise's |V_n|.",
    effect="log2 of mean y V over mean |V_n|, benign cell",
    ask=_ask,
)
