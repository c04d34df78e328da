"""Does the excess error stay above a floor on the harmful side?"""

from __future__ import annotations

from ...thresholds import TRANSFER_FLOOR
from ..answer import Answer, of_mean, undecided
from ..question import Question
from ..trained import DepartureRuns


def _ask(runs: DepartureRuns, base: DepartureRuns) -> Answer:
    curves = runs.curves["harmful"]
    target = runs.settings["harmful"].problem.target_loss
    reached = (curves["objective"] <= target).any(axis=1)
    if not reached.all():
        return undecided(f"{reached.sum()} of {curves.runs} runs fit their labels", curves.runs)
    return of_mean(curves["clean_error"][:, -1], TRANSFER_FLOOR, "clean_error")


QUESTION = Question(
    order=4,
    title="harmful: floor",
    claim="In the harmful cell runs fit their labels, and fresh samples stay wrong.",
    effect="mean clean_error at the end, harmful cell",
    ask=_ask,
)
