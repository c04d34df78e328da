"""M9: flipped samples are fitted through their noise token."""

import numpy as np

from .....theory import Provenance
from ....cells import Role, Study
from ....checks.attention import MOVE
from ....checks.violation_rate import Outcome, decide_fraction
from ....claim import ByFunction, Claim
from ....verdict import Verdict

#: Factor by which mean |V_n| of flipped samples must have grown (fixed beforehand).
GROWTH = 2.0


def _decide(claim: Claim, study: Study) -> Verdict:
    """At the end all flipped labels are fitted, their |V_n| grew, attention went to the noise.

    A run violates if |V_n| did not double or attention on the signal did not fall by 0.05. It is
    undecided while a flipped label is not fitted and the train_loss is above log(2)/N, where one
    may be missing. Runs without flipped samples are set aside.
    """
    outcomes = []
    for result in study.select(Role.HELD_OUT, "stage"):
        trajectory = result.trained
        none = trajectory.flipped_positive + trajectory.flipped_negative == 0
        if none.all():
            continue
        memory = trajectory["v_noise_flipped"]
        attention = trajectory["attention_flipped"]
        margin = np.maximum(
            GROWTH * memory[:, 0] - memory[:, -1], MOVE - (attention[:, 0] - attention[:, -1])
        )
        margin = np.maximum(margin, 1.0 - trajectory["fitted_flipped"][:, -1])
        fitted = trajectory["fitted_flipped"][:, -1] == 1
        whole = trajectory["train_loss"][:, -1] <= np.log(2) / result.cell.problem.n_samples
        margin = np.where(none, -1.0, np.where(result.ok & (fitted | whole), margin, np.nan))
        outcomes.append(Outcome(result, margin, none))
    return decide_fraction(
        claim, study, outcomes, "fit their flipped labels otherwise than through the noise"
    )


CLAIM = Claim(
    id="M9",
    statement="Flipped labels are fitted in the end, through V and attention of their noise token",
    provenance=Provenance.DERIVED,
    source="§5.3; late phase of Lemma 5.3",
    regimes=("benign",),
    check=ByFunction(_decide),
    kinds=("stage",),
)
