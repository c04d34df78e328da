"""H7: the loss that Theorem 4.3's proof reaches against the one its statement uses."""

from sympy import N

from .....theory import Provenance, claimed_loss, proved_loss
from .....theory.lemmas.loss_constants import proof_gap_sign
from ....cells import Study
from ....claim import ByFunction, Claim
from ....verdict import Status, Verdict

#: Decimal digits the difference is evaluated with.
DIGITS = 50


def _decide(claim: Claim, study: Study) -> Verdict:
    """Algebra alone: a loss of at least x implies one of at least y if and only if x ≥ y.

    The sign of e - √e - 1 settles it exactly; the difference at 50 digits must agree.
    """
    proved, claimed = proved_loss(), claimed_loss()
    weaker = bool(proof_gap_sign() > 0)
    difference = N(proved - claimed, DIGITS)
    if weaker is not bool(difference < 0):
        raise ArithmeticError("the sign of the gap and its 50 digits disagree")
    return claim.verdict(
        study,
        Status.VIOLATED if weaker else Status.HOLDS,
        f"by algebra: the proof reaches {float(proved):.5f}, which does "
        f"{'not ' if weaker else ''}imply the {float(claimed):.5f} of the theorem",
        statistic=float(difference),
        statistic_name="loss the proof reaches minus loss the theorem uses",
        relation=">=",
        threshold=0.0,
        tightness=float(difference),
        evidence={
            "proved": str(proved),
            "claimed": str(claimed),
            "gap_has_the_sign_of": str(proof_gap_sign()),
        },
    )


CLAIM = Claim(
    id="H7",
    statement="The loss the proof reaches implies the loss that Theorem 4.3 uses",
    provenance=Provenance.SOURCE,
    source="Theorem 4.3, phase 3, and the public review of its proof",
    regimes=("harmful",),
    check=ByFunction(_decide),
    kinds=(),
)
