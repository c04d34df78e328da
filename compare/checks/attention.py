"""Does the attention of training samples move, and where to?"""

from __future__ import annotations

import numpy as np

from ..cells import Role, Study
from ..claim import Claim
from ..verdict import Verdict
from .violation_rate import Outcome, decide_fraction

#: Least change of mean attention that counts as a move, fixed beforehand.
MOVE = 0.05


def decide_attention_move(claim: Claim, study: Study, towards_signal: bool) -> Verdict:
    """Whether clean training samples' attention on the signal rises (or falls) by ``MOVE``.

    Compared at the last logged step with step 0; a run that has not reached T3 is undecided
    unless its attention has moved already.
    """
    outcomes = []
    for result in study.select(Role.HELD_OUT, "stage"):
        attention = result.trajectory["attention_clean"]
        rise = attention[:, -1] - attention[:, 0]
        margin = MOVE - (rise if towards_signal else -rise)
        unfinished = ~np.isfinite(result.events["T3"]) & (margin > 0)
        outcomes.append(Outcome(result, np.where(result.ok & ~unfinished, margin, np.nan)))
    where = "signal" if towards_signal else "noise"
    return decide_fraction(claim, study, outcomes, f"move less than {MOVE} towards the {where}")
