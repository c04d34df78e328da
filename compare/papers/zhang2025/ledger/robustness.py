"""X4 and X5: variants of the model that should change no verdict."""

from __future__ import annotations

from .....theory import Provenance
from ....checks.paired_cells import PairedCells
from ....checks.read_bound import ReadBound
from ....claim import Claim
from ..designs._paired_cells import twin_cells
from . import all_claims


def compared_claims() -> tuple[Claim, ...]:
    """The claims of the theorems and their mechanism that stage cells decide.

    Derivations are left out, and so are readings, several of which are of one sentence.
    """
    return tuple(
        claim
        for claim in all_claims().values()
        if claim.id[0] in "BHM"
        and claim.kinds == ("stage",)
        and claim.provenance is not Provenance.DERIVED
        and not isinstance(claim.check, ReadBound)
    )


CLAIMS = (
    Claim(
        id="X4",
        statement="Noise orthogonal to the signals instead of isotropic changes no verdict",
        provenance=Provenance.DERIVED,
        source="Definition 3.1 here against Jiang 2024",
        regimes=("benign", "harmful"),
        check=PairedCells("noise", compared_claims),
        own_cells={regime: twin_cells(regime, "orthogonal") for regime in ("benign", "harmful")},
    ),
    Claim(
        id="X5",
        statement="Training w_O instead of freezing it changes no verdict",
        provenance=Provenance.DERIVED,
        source="§3 here against Jiang 2024",
        regimes=("benign", "harmful"),
        check=PairedCells("train_output", compared_claims),
        own_cells={regime: twin_cells(regime, "trained") for regime in ("benign", "harmful")},
    ),
)
