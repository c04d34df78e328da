"""X1, X2 and X6: where test_loss and test_error turn good, in N, SNR, d and d_h (DERIVED)."""

from .....theory import Provenance
from ....checks.beside_limit import BesideLimit, power_over_samples
from ....checks.phase_boundary import PhaseBoundary
from ....claim import Claim

CLAIMS = (
    Claim(
        id="X1",
        statement="The boundary of test_loss follows N·SNR² = C, whatever d",
        provenance=Provenance.DERIVED,
        source="growth of signal against noise memory, see docs/exponents-and-boundaries.md",
        regimes=("benign",),
        check=PhaseBoundary(
            kind="ladder",
            quantity="test_loss",
            law=(1, 2, 0),
            rivals={"N·SNR^4·d": (1, 4, 1)},
            scaling="d_h = 10^4 and sigma_h fixed, sigma_V a tenth of its cap, longer token of "
            "length 1; in preset paper PyTorch's default at d = 512",
            for_large_n=True,
        ),
        kinds=("ladder",),
        beside=BesideLimit(power_over_samples),
    ),
    Claim(
        id="X2",
        statement="With sigma_V at a thousandth of its cap, the boundary of test_error follows "
        "N·d·SNR⁴ = C",
        provenance=Provenance.DERIVED,
        source="as Kou 2023's condition; see docs/exponents-and-boundaries.md",
        regimes=("benign",),
        check=PhaseBoundary(
            kind="lean",
            quantity="test_error",
            law=(1, 4, 1),
            rivals={"N·SNR^2": (1, 2, 0)},
            scaling="d_h = 10^4 and sigma_h fixed, sigma_V a thousandth of its cap, longer token "
            "of length 1",
        ),
        kinds=("lean",),
    ),
    Claim(
        id="X6",
        statement="With sigma_V a tenth of its cap, test_error saturates in d and its boundary "
        "follows N·SNR²·d_h^(1/4) = C",
        provenance=Provenance.DERIVED,
        source="V against sigma_p·|W_V w_O| at its start, see docs/exponents-and-boundaries.md",
        regimes=("benign",),
        check=PhaseBoundary(
            kind="wide",
            quantity="test_error",
            law=(1, 2, 0, 0.25),
            rivals={"N·SNR^2": (1, 2, 0, 0), "N·SNR^4·d": (1, 4, 1, 0)},
            scaling="d_h varied, sigma_V = 0.1 d_h^(-1/4), a tenth of its cap, sigma_h = "
            "d_h^(-1/4) L^-0.76, longer token of length 1",
        ),
        kinds=("wide",),
    ),
)
