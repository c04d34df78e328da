"""Does the train loss reach ε?"""

from __future__ import annotations

import numpy as np

from ...thresholds import TRANSFER_SHARE
from ..answer import Answer, of_share
from ..question import Question
from ..trained import DepartureRuns


def _ask(runs: DepartureRuns, base: DepartureRuns) -> Answer:
    target = runs.settings["benign"].problem.target_loss
    # NaN of a diverged run is above every target
    reached = np.any(runs.curves["benign"]["objective"] <= target, axis=1)
    return of_share(np.asarray(reached), TRANSFER_SHARE, f"reach a training loss of {target:g}")


QUESTION = Question(
    order=1,
    title="train loss to ε",
    claim="In the benign cell the trained loss reaches ε.",
    effect="share of runs that reach ε",
    ask=_ask,
    theory=1.0,
)
