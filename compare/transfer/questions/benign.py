"""Does the excess error vanish on the benign side?"""

from __future__ import annotations

from ...thresholds import TRANSFER_EXCESS
from ..answer import Answer, of_mean
from ..question import Question
from ..trained import DepartureRuns


def _ask(runs: DepartureRuns, base: DepartureRuns) -> Answer:
    return of_mean(runs.curves["benign"]["clean_error"][:, -1], TRANSFER_EXCESS, "clean_error")


QUESTION = Question(
    order=3,
    title="benign: excess to 0",
    claim="In the benign cell fresh samples are wrong on the true label as good as never.",
    effect="mean clean_error at the end, benign cell",
    ask=_ask,
    theory=0.0,
)
