"""X1: the boundary of test_loss."""

from .....theory import Provenance
from ....cells import Study
from ....checks.phase_boundary import decide_boundary
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    cells = list(study.select(kind="ladder"))
    return decide_boundary(
        claim, study, cells, "test_loss", (1, 2, 0), {"N·SNR^4·d": (1, 4, 1)},
        "d_h = 10^4 and sigma_h fixed, sigma_V a tenth of its cap, longer token of length 1; "
        "in preset paper PyTorch's default at d = 512",
    )  # fmt: skip


CLAIM = Claim(
    id="X1",
    statement="The boundary of test_loss follows N·SNR² = C, whatever d",
    provenance=Provenance.DERIVED,
    source="growth of signal against noise memory, see docs/exponents-and-boundaries.md",
    regimes=("benign",),
    check=ByFunction(_decide),
    kinds=("ladder",),
)
