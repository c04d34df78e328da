"""Does the limit of gradient descent, without fitted constants, predict the training?"""

from __future__ import annotations

import numpy as np

from ....simulate import EngineError, predict
from ...thresholds import TRANSFER_LIMIT
from ..answer import Answer, not_asked, of_mean
from ..question import Question
from ..trained import DepartureRuns


def _ask(runs: DepartureRuns, base: DepartureRuns) -> Answer:
    departure, curves = runs.departure, runs.curves["benign"]
    if not departure.limit:
        return not_asked("the limit is of another model")
    problem = departure.limit_of(runs.settings["benign"].problem)
    try:
        predicted = predict(
            problem, steps=int(curves.steps[-1]), log=curves.steps.tolist(), draws=curves.runs,
            failures=False,
        )["train_loss"]  # fmt: skip
    except EngineError as error:
        return not_asked(str(error))
    away = np.abs(curves["train_loss"] - predicted) / predicted
    return of_mean(away.max(axis=1), TRANSFER_LIMIT, "train_loss off by at most", ".3f")


QUESTION = Question(
    order=12,
    title="limit's prediction",
    claim="The limit of gradient descent predicts the train loss of each run.",
    effect="largest relative error of the predicted train_loss along a run, mean over runs",
    ask=_ask,
    theory=0.0,
)
