"""Is the noise's memory larger than the signal's on the harmful side?"""

from __future__ import annotations

from ...thresholds import TRANSFER_MEMORY
from ..answer import Answer, of_mean
from ..question import Question
from ..trained import DepartureRuns
from .memory_benign import ratio


def _ask(runs: DepartureRuns, base: DepartureRuns) -> Answer:
    values = ratio(runs, "harmful")
    if isinstance(values, Answer):
        return values
    return of_mean(-values, TRANSFER_MEMORY, "log2(|V_n|/V)", "+.2f")


QUESTION = Question(
    order=8,
    title="harmful: V_n above V",
    claim="In the harmful cell the noise's memory |V_n| is larger than the signals' V.",
    effect="log2 of mean |V_n| over mean y V, harmful cell",
    ask=_ask,
)
