"""L1 to L6: what the limit of gradient descent predicts, on cells it was not compared with before.

L7, the draw of the labels, is in `label_draw`.
"""

from __future__ import annotations

from .....theory import Provenance
from ....checks.limit_boundary import PredictedBoundary
from ....checks.limit_errors import PredictedFailure, PredictedLoss, PredictedTimes
from ....checks.limit_sizes import ErrorPowers
from ....claim import Check, Claim


def _claim(name: str, statement: str, check: Check, kind: str) -> Claim:
    return Claim(
        id=name,
        statement=statement,
        provenance=Provenance.DERIVED,
        source="the limit of large d and d_h, see docs/limit.md",
        regimes=("benign",),
        check=check,
        kinds=(kind,),
    )


CLAIMS = (
    _claim(
        "L1",
        "The limit predicts train_loss within 2% along the whole training",
        PredictedLoss("train_loss"),
        "limit",
    ),
    _claim(
        "L2",
        "The limit predicts test_loss within 2% along the whole training",
        PredictedLoss("test_loss"),
        "limit",
    ),
    _claim(
        "L3",
        "The limit predicts test_error: log P within 10% along the whole training",
        PredictedFailure(),
        "limit",
    ),
    _claim("L4", "The limit predicts T1, T2, T3 and T_gap within 3%", PredictedTimes(), "limit"),
    _claim(
        "L5",
        "The limit predicts the boundary of test_loss: sides, powers and the constant C0",
        PredictedBoundary(),
        "limit-edge",
    ),
    _claim(
        "L6",
        "The error of the limit falls as d^(-1/2) and as d_h^(-1/2)",
        ErrorPowers(),
        "limit-size",
    ),
)
