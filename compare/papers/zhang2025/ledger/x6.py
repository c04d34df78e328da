"""X6: the boundary of test_error where W_V w_O stays near its start."""

from .....theory import Provenance
from ....cells import Study
from ....checks.phase_boundary import decide_boundary
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    cells = list(study.select(kind="wide"))
    return decide_boundary(
        claim, study, cells, "test_error", (1, 2, 0, 0.25),
        {"N·SNR^2": (1, 2, 0, 0), "N·SNR^4·d": (1, 4, 1, 0)},
        "d_h varied, sigma_V = 0.1 d_h^(-1/4), a tenth of its cap, sigma_h = d_h^(-1/4) L^-0.76, "
        "longer token of length 1",
    )  # fmt: skip


CLAIM = Claim(
    id="X6",
    statement="With sigma_V a tenth of its cap, test_error saturates in d and its boundary "
    "follows N·SNR²·d_h^(1/4) = C",
    provenance=Provenance.DERIVED,
    source="V against sigma_p·|W_V w_O| at its start, see docs/exponents-and-boundaries.md",
    regimes=("benign",),
    check=ByFunction(_decide),
    kinds=("wide",),
)
