"""X3: the powers in -log P are those of a Gaussian tail along W_V w_O."""

from .....theory import Provenance
from ....cells import Study
from ....checks.exponents import decide_powers
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    return decide_powers(claim, study, "derived")


CLAIM = Claim(
    id="X3",
    statement="In stages 2 and 3 -log P has the powers of V²/(sigma_p·sigma_V·w)²/d, with V linear "
    "in eta·mu²·w²·t in stage 2 and slowed by the loss slope in stage 3",
    provenance=Provenance.DERIVED,
    source="this project's derivation, see docs/exponents-and-boundaries.md",
    regimes=("benign",),
    check=ByFunction(_decide),
    formulas=("failure_prob",),
    kinds=("powers",),
)
