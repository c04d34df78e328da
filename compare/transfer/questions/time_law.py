"""Is T2 proportional to 1/(η μ²)?"""

from __future__ import annotations

import numpy as np

from ....theory.regime import LINEAR_PHASE_END
from ...events import first_crossing
from ...thresholds import TRANSFER_TIME_POWER
from ..answer import Answer, of_mean, undecided
from ..preset import LENGTH_FACTOR, RATE_FACTOR
from ..question import Question
from ..trained import DepartureRuns

#: Powers of η and μ in T2 = c/(η μ² w²) (theory, DERIVED).
LAW = {"rate": -1.0, "length": -2.0}


def _ask(runs: DepartureRuns, base: DepartureRuns) -> Answer:
    times = {name: _times(runs, name) for name in ("benign", *LAW)}
    factors = {"rate": RATE_FACTOR, "length": LENGTH_FACTOR}
    symbols = {"rate": "η", "length": "μ"}
    answers = []
    for name, law in LAW.items():
        lacking = ~np.isfinite(times[name]) | ~np.isfinite(times["benign"])
        if lacking.any():
            return undecided(f"T2 is not reached by {lacking.sum()} of {lacking.size} runs",
                             lacking.size)  # fmt: skip
        powers = np.log(times[name] / times["benign"]) / np.log(factors[name])
        distance = np.abs(powers - law)
        what = f"{symbols[name]}^{powers.mean():.2f}, off by"
        answers.append(of_mean(distance, TRANSFER_TIME_POWER, what, ".2f"))
    return max(answers, key=lambda answer: answer.effect or 0.0)


def _times(runs: DepartureRuns, cell: str) -> np.ndarray:
    """(R,) T2: the mean residual of clean samples falls to 1/4."""
    curves = runs.curves[cell]
    return first_crossing(curves.steps, float(LINEAR_PHASE_END) - curves["residual_clean"])


QUESTION = Question(
    order=11,
    title="T2 ∝ 1/(η μ²)",
    claim="T2 changes with the step size and the tokens' lengths as 1/(η μ²).",
    effect="mean distance of the power of η or μ from the law, the larger of both",
    ask=_ask,
    theory=0.0,
)
