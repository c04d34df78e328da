"""Does attention leave the signal on the harmful side?"""

from __future__ import annotations

from ...thresholds import TRANSFER_ATTENTION
from ..answer import Answer, of_mean
from ..question import Question
from ..trained import DepartureRuns


def _ask(runs: DepartureRuns, base: DepartureRuns) -> Answer:
    share = runs.curves["harmful"]["attention_clean"]
    return of_mean(share[:, 0] - share[:, -1], TRANSFER_ATTENTION, "attention falls by", "+.3f")


QUESTION = Question(
    order=6,
    title="harmful: attention falls",
    claim="In the harmful cell the first layer's attention on the signal falls.",
    effect="fall of the attention on signals, harmful cell",
    ask=_ask,
)
