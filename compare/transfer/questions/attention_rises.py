"""Does attention move to the signal on the benign side?"""

from __future__ import annotations

from ...thresholds import TRANSFER_ATTENTION
from ..answer import Answer, of_mean
from ..question import Question
from ..trained import DepartureRuns


def _ask(runs: DepartureRuns, base: DepartureRuns) -> Answer:
    share = runs.curves["benign"]["attention_clean"]
    return of_mean(share[:, -1] - share[:, 0], TRANSFER_ATTENTION, "attention moves by", "+.3f")


QUESTION = Question(
    order=5,
    title="benign: attention rises",
    claim="In the benign cell the first layer's attention on the signal rises.",
    effect="change of the attention on signals, benign cell",
    ask=_ask,
)
