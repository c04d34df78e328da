"""B2A to B2D, H3a to H3c: what the lost formulas may have been, side by side.

Of stage 2 of Theorem 4.2 the sentences around the formula speak of a Gaussian tail and of
(s - t)² >= s²/2 - t², so that the exponent is half a squared ratio of a signal to a fresh token's
spread; B2A is not, and is the reading of B2. Of stage 3 of Theorem 4.3 the proof reaches 0.47408
and the theorem uses 0.48394, its logistic loss: it is a loss or a margin.
"""

from .....theory import Provenance
from ....checks.read_bound import ReadBound
from ....claim import Claim

_STAGE_2 = {
    "A": "exp(-k·eta·(t-T1)·mu²·w²)",
    "B": "exp(-k·(eta·(t-T1)·mu·w·SNR/sigma_V)²)",
    "C": "exp(-k·d·SNR²·A²), A the fresh samples' excess attention on the signal",
    "D": "exp(-k·(eta·(t-T1)·mu²·w²)²)",
}
_STAGE_3 = {
    "a": (Provenance.RECONSTRUCTED, "0.47408/2, read as a loss"),
    "b": (Provenance.RECONSTRUCTED, "half the loss 0.48394 of 0.47408, read as a margin"),
    "c": (
        Provenance.DERIVED,
        "((1-p)·0.48394 + p·0.95802)/2, read as a margin with flipped labels counted",
    ),
}

CLAIMS = (
    *(
        Claim(
            id=f"B2{letter}",
            statement=f"From T1 to T2, the excess test_error stays below C·{decay}",
            provenance=Provenance.RECONSTRUCTED,
            source=f"READING ({letter}) of Theorem 4.2, phase 2",
            regimes=("benign",),
            check=ReadBound(),
            kinds=("stage", "powers"),
        )
        for letter, decay in _STAGE_2.items()
    ),
    *(
        Claim(
            id=f"H3{letter}",
            statement=f"From T2 to T3, test_loss is at least {floor}",
            provenance=provenance,
            source="READING of Theorem 4.3, phase 3",
            regimes=("harmful",),
            check=ReadBound(),
            kinds=("stage",),
        )
        for letter, (provenance, floor) in _STAGE_3.items()
    ),
)
