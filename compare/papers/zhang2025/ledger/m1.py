"""M1: attention starts near one half."""

import numpy as np

from .....theory import Provenance
from ....cells import Role, Study
from ....checks.violation_rate import Outcome, decide_fraction
from ....claim import ByFunction, Claim
from ....verdict import Verdict

#: How near, fixed beforehand.
NEAR = 0.05


def _decide(claim: Claim, study: Study) -> Verdict:
    """Mean attention on the signal at step 0, over clean, flipped and fresh samples."""
    outcomes = []
    for result in study.select(Role.HELD_OUT, "stage"):
        start = np.column_stack(
            [
                result.trajectory[name][:, 0]
                for name in ("attention_clean", "attention_flipped", "attention_test")
            ]
        )
        away = np.fmax.reduce(np.abs(start - 0.5), axis=1)  # no flipped samples: NaN, left out
        outcomes.append(Outcome(result, away - NEAR))
    return decide_fraction(claim, study, outcomes, f"start with attention {NEAR} or more off 1/2")


CLAIM = Claim(
    id="M1",
    statement="At initialisation, attention on the signal is near 1/2 (training and test tokens)",
    provenance=Provenance.STATED,
    source="§6.1 and Appendix D.1",
    regimes=("benign", "harmful"),
    check=ByFunction(_decide),
    kinds=("stage",),
)
