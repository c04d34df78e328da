"""H3: both stage-3 statements of Theorem 4.3 at the same time T3."""

import numpy as np

from .....theory import Provenance, bayes_loss, evaluate
from ....cells import Role, Study
from ....checks.violation_rate import Outcome, decide_fraction
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    """At the first logged step with train_loss ≤ ε, test_loss is at least C_L."""
    least = float(evaluate(study.theorem.bound("H6").expr, {}))
    outcomes = []
    for result in study.select(Role.HELD_OUT, "stage"):
        fitted = result.trajectory["train_loss"] <= result.cell.problem.target_loss
        loss = result.trajectory["test_loss"][np.arange(len(fitted)), fitted.argmax(axis=1)]
        margin = np.where(fitted.any(axis=1) & result.ok, least - loss, np.nan)
        floor = float(evaluate(bayes_loss, {"p": result.cell.problem.flip_prob}))
        outcomes.append(Outcome(result, margin, np.full(margin.size, floor >= least)))
    decided = (
        np.concatenate([one.margins[np.isfinite(one.margins)] for one in outcomes])
        if outcomes
        else np.empty(0)
    )
    tightness = float(-np.median(decided)) if decided.size else None
    what = "fit their labels with a test_loss below 0.237"
    return decide_fraction(claim, study, outcomes, what, tightness)


CLAIM = Claim(
    id="H3",
    statement="When train_loss has reached epsilon, test_loss is still at least a constant",
    provenance=Provenance.RECONSTRUCTED,
    source="Theorem 4.3, phase 3",
    regimes=("harmful",),
    check=ByFunction(_decide),
    kinds=("stage",),
)
