"""I5: Lemma B.3, the relations among the constants make the stage bounds meet."""

from .....theory import Provenance
from .....theory.lemmas.identities import continuity_identities
from ....cells import Study
from ....claim import ByFunction, Claim
from ....verdict import Status, Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    """By SymPy: with the relations applied, both sides are equal at T1 and at T2."""
    found = continuity_identities(study.theorem)
    if not found:
        return claim.verdict(study, Status.INCONCLUSIVE, "the theorem relates no constants")
    holds = {identity.name: identity.holds() for identity in found}
    failing = [name for name, closes in holds.items() if not closes]
    relations = {str(constant): str(expr) for constant, expr in study.theorem.continuity.items()}
    return claim.verdict(
        study,
        Status.VIOLATED if failing else Status.HOLDS,
        f"{len(found) - len(failing)} of {len(found)} meetings of neighbouring bounds close, with "
        + ", ".join(f"{constant} = {expr}" for constant, expr in relations.items()),
        statistic=float(len(failing)),
        statistic_name="meetings of neighbouring stage bounds that do not close",
        threshold=0.0,
        evidence={"closes": holds, "relations": relations},
    )


CLAIM = Claim(
    id="I5",
    statement="The stage bounds meet at T1 and T2 under the relations among C1, C2 and C3",
    provenance=Provenance.RECONSTRUCTED,
    source="Lemma B.3",
    regimes=("benign",),
    check=ByFunction(_decide),
    kinds=(),
    formulas=("B1 = B2 at T1", "B2 = B3 at T2"),
)
