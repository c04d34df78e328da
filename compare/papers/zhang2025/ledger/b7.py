"""B7: train_loss reaches ε by T3."""

from .....theory import Provenance
from ....cells import Study
from ....checks.deadline import decide_in_time
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_in_time(claim, study, "T3", "paper")


CLAIM = Claim(
    id="B7",
    statement="train_loss reaches epsilon within c3 times 1/(eta·epsilon·mu²·w²) steps",
    provenance=Provenance.SOURCE,
    source="Theorem 4.2, phase 3",
    regimes=("benign",),
    check=ByFunction(_decide),
    kinds=("stage",),
    formulas=("B7", "T3 (paper)"),
)
