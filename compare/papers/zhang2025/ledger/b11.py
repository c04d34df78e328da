"""B11: the powers in the exponents of the bounds on test_error."""

from .....theory import Provenance
from ....cells import Study
from ....checks.exponents import decide_powers
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_powers(claim, study, "reconstructed")


CLAIM = Claim(
    id="B11",
    statement="In stages 2 and 3 the excess test error decays with the powers of eta, t, mu, "
    "sigma_V, sigma_p, d, N and w that stand in the bounds' exponents (read two-sided)",
    provenance=Provenance.RECONSTRUCTED,
    source="Theorem 4.2, phases 2 and 3",
    regimes=("benign",),
    check=ByFunction(_decide),
    formulas=("B2", "B3"),
    kinds=("powers",),
)
