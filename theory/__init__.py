"""The theory: symbols, bounds, stages, theorems and assumptions as SymPy objects.

Importing this part loads SymPy and NumPy and nothing else of weight.

>>> from bofcheck.theory import benign, snr
>>> benign.stage(3).bounds[0].name
'B3'
>>> snr
mu/(sqrt(d)*sigma_p)
"""

from .assumptions import ASSUMPTIONS, AssumptionReport, AssumptionRow, check_assumptions
from .bound import Bound
from .condition import Condition
from .envelope import EnvelopeTerms
from .errors import (
    FormulaError,
    InvalidValueError,
    MissingValueError,
    NoSuchPartError,
    NotAnEnvelopeError,
    NotLinearError,
    TheoryError,
)
from .evaluation import evaluate
from .identities import bayes_floor, test_error_from_failure
from .loss_constants import claimed_loss, loss_floor, proved_loss, vacuous_flip_prob
from .provenance import Provenance
from .stages import Stage, StageTime
from .symbols import CONSTANTS, SYMBOLS, bayes_loss, log_term, snr
from .theorem import Theorem
from .theorems import get_theorem, theorems

benign: Theorem = get_theorem("benign")
harmful: Theorem = get_theorem("harmful")

__all__ = [
    "ASSUMPTIONS",
    "CONSTANTS",
    "SYMBOLS",
    "AssumptionReport",
    "AssumptionRow",
    "Bound",
    "Condition",
    "EnvelopeTerms",
    "FormulaError",
    "InvalidValueError",
    "MissingValueError",
    "NoSuchPartError",
    "NotAnEnvelopeError",
    "NotLinearError",
    "Provenance",
    "Stage",
    "StageTime",
    "Theorem",
    "TheoryError",
    "bayes_floor",
    "bayes_loss",
    "benign",
    "check_assumptions",
    "claimed_loss",
    "evaluate",
    "get_theorem",
    "harmful",
    "log_term",
    "loss_floor",
    "proved_loss",
    "snr",
    "test_error_from_failure",
    "theorems",
    "vacuous_flip_prob",
]
