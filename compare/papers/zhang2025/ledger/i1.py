"""I1: eq. (2), the test error split by whether the label was flipped."""

import numpy as np

from .....theory import Provenance
from .....theory.lemmas.identities import label_flip_identity
from ....cells import Role, Study, scope_of
from ....claim import ByFunction, Claim
from ....verdict import Status, Verdict

#: |z| allowed at each of two steps; false alarm 1.3e-4 in all.
Z_LIMIT = 4.0


def _decide(claim: Claim, study: Study) -> Verdict:
    """The algebra by SymPy, and drawn errors against the identity at the first and last step.

    Given the tokens, drawn errors are independent with mean given by the identity and a
    variance of at most e(1-e), so z is conservative.
    """
    algebra = label_flip_identity().holds()
    results = [one for one in study.select(Role.HELD_OUT, "stage") if one.ok.any()]
    scores: dict[str, float] = {}
    for name, at in (("first", 0), ("last", -1)):
        surplus, variance = 0.0, 0.0
        for result in results:
            expected = result.trajectory["test_error"][result.ok, at]
            drawn = result.trajectory["test_error_drawn"][result.ok, at]
            tokens = result.cell.problem.test_tokens
            surplus += float((tokens * (drawn - expected)).sum())
            variance += float((tokens * expected * (1 - expected)).sum())
        if variance > 0:
            scores[name] = surplus / np.sqrt(variance)
        else:
            scores[name] = np.copysign(np.inf, surplus) if surplus else 0.0
    worst = max(abs(score) for score in scores.values())
    evidence = {"algebra_holds": algebra, "z": scores, "cells": len(results)}
    if not results:
        return claim.verdict(study, Status.INCONCLUSIVE, "no held-out run was finished")
    holds = algebra and worst <= Z_LIMIT
    return claim.verdict(
        study,
        Status.HOLDS if holds else Status.VIOLATED,
        f"the algebra {'closes' if algebra else 'does not close'}; drawn errors are {worst:.2f} "
        "standard errors from it",
        scope=scope_of(results),
        statistic=worst,
        statistic_name="largest |z| of drawn errors against eq. (2)",
        threshold=Z_LIMIT,
        tightness=Z_LIMIT - worst,
        evidence=evidence,
    )


CLAIM = Claim(
    id="I1",
    statement="test_error = p + (1 - 2p)·P(yhat f <= 0)",
    provenance=Provenance.STATED,
    source="eq. (2)",
    regimes=("benign", "harmful"),
    check=ByFunction(_decide),
    kinds=("stage",),
    formulas=("eq. (2)",),
)
