"""`Dominance`: which memory is larger, the signal's V± or the training noise's V_n?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..cells import Role, Study
from ..claim import Claim
from ..thresholds import MEMORY_DOMINANCE
from ..verdict import Verdict
from .violation_rate import Outcome, ViolationRate


@dataclass(frozen=True)
class Dominance:
    """Whether min|V±| is at least twice mean |V_n| of clean samples, or max|V±| at most half of it.

    Taken at the last logged step. A run that has not reached T3 is undecided unless the memory
    already dominates. Tightness is the median ratio.

    Attributes:
        signal: whether the signal's memory should dominate; if not, the noise's.
    """

    signal: bool
    RULES = (ViolationRate,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the held-out stage cells."""
        outcomes, ratios = [], []
        for result in study.select(Role.HELD_OUT, "stage"):
            trajectory = result.trajectory
            plus = np.abs(trajectory["v_plus"][:, -1])
            minus = np.abs(trajectory["v_minus"][:, -1])
            noise = trajectory["v_noise_clean"][:, -1]
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = (
                    np.minimum(plus, minus) / noise
                    if self.signal
                    else noise / np.maximum(plus, minus)
                )
            margin = MEMORY_DOMINANCE - ratio
            unfinished = ~np.isfinite(result.events["T3"]) & (margin > 0)
            usable = result.ok & ~unfinished
            outcomes.append(Outcome(result, np.where(usable, margin, np.nan)))
            ratios.append(ratio[usable & np.isfinite(ratio)])
        pooled = np.concatenate(ratios) if ratios else np.empty(0)
        tightness = float(np.median(pooled)) if pooled.size else None
        what = f"show a ratio of memories below {MEMORY_DOMINANCE}"
        return ViolationRate(outcomes, what, tightness).decide(claim, study)
