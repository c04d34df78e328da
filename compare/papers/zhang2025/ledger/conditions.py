"""B0 and H0: the conditions of Theorems 4.2 and 4.3 separate good from bad ends of training."""

from .....theory import Provenance
from ....checks.separation import Separation
from ....claim import Claim
from ....fitting.boundary_sides import Quantity
from ._predicted_harm import PredictedHarm


def _benign(name: str, quantity: Quantity) -> Claim:
    return Claim(
        id=name,
        statement=f"Where N·SNR² is at least a constant, the final {quantity} is good",
        provenance=Provenance.SOURCE,
        seen=True,
        source="Theorem 4.2, condition",
        regimes=("benign",),
        check=Separation(quantity),
        kinds=("ladder",),
        formulas=("condition",),
    )


def _harmful(name: str, quantity: Quantity) -> Claim:
    return Claim(
        id=name,
        statement=f"Where N·SNR² is below a constant, the final {quantity} is bad",
        provenance=Provenance.RECONSTRUCTED,
        source="Theorem 4.3, condition",
        regimes=("harmful",),
        check=Separation(quantity),
        kinds=("ladder", "deep"),
        formulas=("condition",),
        beside=PredictedHarm() if quantity == "test_error" else None,
    )


CLAIMS = (
    _benign("B0e", "test_error"),
    _benign("B0l", "test_loss"),
    _harmful("H0e", "test_error"),
    _harmful("H0l", "test_loss"),
)
