"""`AttentionMove`: does the attention of training samples move, and where to?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..cells import Role, Study
from ..claim import Claim
from ..thresholds import ATTENTION_MOVE
from ..verdict import Verdict
from .violation_rate import Outcome, ViolationRate


@dataclass(frozen=True)
class AttentionMove:
    """Whether clean training samples' attention moves to the signal, or to the noise, by 0.05.

    The last logged step is compared with step 0. A run that has not reached T3 is undecided unless
    its attention has already moved.

    Attributes:
        towards: ``"signal"`` where attention on the signal must rise, ``"noise"`` where it must
            fall.
    """

    towards: Literal["signal", "noise"]
    RULES = (ViolationRate,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the held-out stage cells."""
        outcomes = []
        for result in study.select(Role.HELD_OUT, "stage"):
            attention = result.trajectory["attention_clean"]
            rise = attention[:, -1] - attention[:, 0]
            margin = ATTENTION_MOVE - (rise if self.towards == "signal" else -rise)
            unfinished = ~np.isfinite(result.events["T3"]) & (margin > 0)
            outcomes.append(Outcome(result, np.where(result.ok & ~unfinished, margin, np.nan)))
        what = f"move less than {ATTENTION_MOVE} towards the {self.towards}"
        return ViolationRate(outcomes, what).decide(claim, study)
