"""H2d: the stage-2 bound of Theorem 4.3, derived from the dynamics of a frozen w_O."""

from .....theory import Provenance
from ....cells import Role, Study
from ....checks.stage_bound import decide_stage_bound
from ....claim import ByFunction, Claim
from ....verdict import Status, Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    """OUT_OF_SCOPE where a held-out cell trains w_O, which the derivation freezes."""
    trained = [
        result.cell.name
        for result in study.select(Role.HELD_OUT, "stage")
        if result.cell.problem.train_output
    ]
    if trained:
        reason = f"derived for a frozen w_O, which {len(trained)} held-out cells train"
        return claim.verdict(study, Status.OUT_OF_SCOPE, reason, evidence={"cells": trained})
    return decide_stage_bound(claim, study)


CLAIM = Claim(
    id="H2d",
    statement="From T1 to T2, test_loss is at most log 2 plus memory and its derived growth",
    provenance=Provenance.DERIVED,
    source="counterpart of Theorem 4.3, phase 2",
    regimes=("harmful",),
    check=ByFunction(_decide),
    kinds=("stage",),
)
