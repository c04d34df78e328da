"""B1 to B3, H1, H2 and H6: the bounds of each stage; H2d, a derived counterpart of H2."""

from __future__ import annotations

from dataclasses import dataclass, field

from .....theory import Provenance
from ....cells import Role, Study
from ....checks.growth_bound import GrowthBound
from ....checks.stage_bound import StageBound
from ....claim import Check, Claim
from ....verdict import Status, Verdict


@dataclass(frozen=True)
class FrozenOutputBound:
    """OUT_OF_SCOPE where a held-out cell trains w_O, which the derivation freezes.

    Attributes:
        bound: decides where w_O is frozen.
    """

    bound: GrowthBound = field(
        default_factory=lambda: GrowthBound(StageBound(against_largest=False))
    )

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the held-out stage cells."""
        trained = [
            result.cell.name
            for result in study.select(Role.HELD_OUT, "stage")
            if result.cell.problem.train_output
        ]
        if trained:
            reason = f"derived for a frozen w_O, which {len(trained)} held-out cells train"
            return claim.verdict(study, Status.OUT_OF_SCOPE, reason, evidence={"cells": trained})
        return self.bound.decide(claim, study)


#: Bounds that decay: a class that is not learned breaks them.
_DECAYS = ("B2", "B3")


def _bound(
    name: str,
    statement: str,
    source: str,
    provenance: Provenance = Provenance.RECONSTRUCTED,
    check: Check | None = None,
) -> Claim:
    return Claim(
        id=name,
        statement=statement,
        provenance=provenance,
        source=source,
        regimes=({"B": "benign", "H": "harmful"}[name[0]],),
        check=check or StageBound(),
        kinds=("stage", "powers") if name[0] == "B" else ("stage",),
        label_draw=name in _DECAYS,
    )


CLAIMS = (
    _bound("B1", "Until T1, test_error is at most p + C1", "Theorem 4.2, phase 1"),
    _bound(
        "B2",
        "From T1 to T2, the excess test_error stays below an exponential decay",
        "Theorem 4.2, phase 2",
    ),
    _bound(
        "B3",
        "From T2 to T3, the excess test_error stays below a Gaussian decay",
        "Theorem 4.2, phase 3",
    ),
    _bound("H1", "Until T1, test_error is at most p + C1", "Theorem 4.3, phase 1"),
    _bound(
        "H2",
        "From T1 to T2, test_loss is at most log 2 plus a term linear in time",
        "Theorem 4.3, phase 2",
        check=GrowthBound(StageBound(against_largest=False)),
    ),
    _bound(
        "H2d",
        "From T1 to T2, test_loss is at most log 2 plus memory and its derived growth",
        "counterpart of Theorem 4.3, phase 2",
        Provenance.DERIVED,
        FrozenOutputBound(),
    ),
    _bound(
        "H6",
        "From T2 to T3, test_loss is at least log(1+exp(-1/2))/2 = 0.237",
        "Theorem 4.3, phase 3",
    ),
)
