"""B11 and X3: the powers in the decay of the excess test error, the paper's and derived ones."""

from .....theory import Provenance
from ....checks.exponents import Exponents
from ....claim import Claim

CLAIMS = (
    Claim(
        id="B11",
        statement="In stages 2 and 3 the excess test error decays with the powers of eta, t, mu, "
        "sigma_V, sigma_p, d, N and w that stand in the bounds' exponents (read two-sided)",
        provenance=Provenance.RECONSTRUCTED,
        source="Theorem 4.2, phases 2 and 3",
        regimes=("benign",),
        check=Exponents("reconstructed"),
        formulas=("B2", "B3"),
        kinds=("powers",),
    ),
    Claim(
        id="X3",
        statement="In stages 2 and 3 -log P has the powers of V²/(sigma_p·sigma_V·w)²/d, with V "
        "linear in eta·mu²·w²·t in stage 2 and slowed by the loss slope in stage 3",
        provenance=Provenance.DERIVED,
        source="this project's derivation, see docs/exponents-and-boundaries.md",
        regimes=("benign",),
        check=Exponents("derived"),
        formulas=("failure_prob",),
        kinds=("powers",),
    ),
)
