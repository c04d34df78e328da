"""X2: the boundary of test_error where the learned part of W_V w_O dominates."""

from .....theory import Provenance
from ....cells import Study
from ....checks.phase_boundary import decide_boundary
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    cells = list(study.select(kind="lean"))
    return decide_boundary(
        claim, study, cells, "test_error", (1, 4, 1), {"N·SNR^2": (1, 2, 0)},
        "d_h = 10^4 and sigma_h fixed, sigma_V a thousandth of its cap, longer token of length 1",
    )  # fmt: skip


CLAIM = Claim(
    id="X2",
    statement="With sigma_V at a thousandth of its cap, the boundary of test_error follows "
    "N·d·SNR⁴ = C",
    provenance=Provenance.DERIVED,
    source="as Kou 2023's condition; see docs/exponents-and-boundaries.md",
    regimes=("benign",),
    check=ByFunction(_decide),
    kinds=("lean",),
)
