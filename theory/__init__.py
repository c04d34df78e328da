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
from .boundary import Boundary
from .condition import Condition
from .errors import (
    ExpressionError,
    FormulaError,
    InvalidValueError,
    MissingValueError,
    NoSuchPartError,
    NotAnEnvelopeError,
    NotLinearError,
    TheoremFileError,
    TheoryError,
)
from .evaluation.envelope import EnvelopeTerms
from .evaluation.numbers import evaluate
from .event import Event
from .formula import Formula, formulas, get_formula
from .law import Law
from .lemmas.attention_form import attention_identity, output_matrix_form, output_softmax_form
from .lemmas.attention_growth import LOGIT_GAP, T_GAP, gap_identity
from .lemmas.concentration import CONCENTRATION, log_concentration
from .lemmas.early_phase import (
    CLASS_GROWTH,
    GROWTH_RATIO,
    NOISE_GROWTH,
    SIGNAL_GROWTH,
    balanced_growth_identity,
    growth_ratio_identity,
    with_trained_output,
)
from .lemmas.error_event import ERROR_EVENT, OUTPUT, contradicts_truth, output_from_memory
from .lemmas.failure_tail import (
    FAILURE_PROB,
    VALUE_NORM_SQUARED,
    log_failure_prob,
    log_mean,
    prob_at_first_event,
)
from .lemmas.flip_loss import flip_loss_identity, loss_from_margins
from .lemmas.identities import (
    Identity,
    bayes_floor,
    continuity_identities,
    label_flip_identity,
    test_error_from_failure,
)
from .lemmas.label_draw import ENOUGH_LABELS, LABELS_PER_LOG, label_draw_failure
from .lemmas.late_phase import LATE_MEMORY, LATE_SLOPE
from .lemmas.laws import LAWS
from .lemmas.loss_constants import claimed_loss, loss_floor, proved_loss, vacuous_flip_prob
from .lemmas.token_memory import (
    SplitMemory,
    frozen_step,
    loss_slope,
    mean_gradient,
    split_memory,
    trained_step,
)
from .limit.early_training import EXCESS, T1_CLOSED, log_stage1_excess, stage1_end
from .limit.fresh_samples import FRESH_MEAN, FRESH_SPREAD
from .limit.recursion import deviation_mixing, mixing
from .limit.trained_output import TRAINED_SPREAD, value_mixing
from .provenance import Provenance
from .stage import Stage, StageTime
from .symbols import CONSTANTS, SYMBOLS, bayes_loss, log_term, snr
from .theorem import Theorem
from .theorem_file.expressions import parse_expression
from .theorem_file.load import TheoremSource, read_source, read_theorem
from .theorems import get_theorem, neighbours, theorems

benign: Theorem = get_theorem("benign")
harmful: Theorem = get_theorem("harmful")

__all__ = [
    "ASSUMPTIONS",
    "CLASS_GROWTH",
    "CONCENTRATION",
    "CONSTANTS",
    "ENOUGH_LABELS",
    "ERROR_EVENT",
    "EXCESS",
    "FAILURE_PROB",
    "FRESH_MEAN",
    "FRESH_SPREAD",
    "GROWTH_RATIO",
    "LABELS_PER_LOG",
    "LATE_MEMORY",
    "LATE_SLOPE",
    "LAWS",
    "LOGIT_GAP",
    "NOISE_GROWTH",
    "OUTPUT",
    "SIGNAL_GROWTH",
    "SYMBOLS",
    "T1_CLOSED",
    "TRAINED_SPREAD",
    "T_GAP",
    "VALUE_NORM_SQUARED",
    "AssumptionReport",
    "AssumptionRow",
    "Bound",
    "Boundary",
    "Condition",
    "EnvelopeTerms",
    "Event",
    "ExpressionError",
    "Formula",
    "FormulaError",
    "Identity",
    "InvalidValueError",
    "Law",
    "MissingValueError",
    "NoSuchPartError",
    "NotAnEnvelopeError",
    "NotLinearError",
    "Provenance",
    "SplitMemory",
    "Stage",
    "StageTime",
    "Theorem",
    "TheoremFileError",
    "TheoremSource",
    "TheoryError",
    "attention_identity",
    "balanced_growth_identity",
    "bayes_floor",
    "bayes_loss",
    "benign",
    "check_assumptions",
    "claimed_loss",
    "continuity_identities",
    "contradicts_truth",
    "deviation_mixing",
    "evaluate",
    "flip_loss_identity",
    "formulas",
    "frozen_step",
    "gap_identity",
    "get_formula",
    "get_theorem",
    "growth_ratio_identity",
    "harmful",
    "label_draw_failure",
    "label_flip_identity",
    "log_concentration",
    "log_failure_prob",
    "log_mean",
    "log_stage1_excess",
    "log_term",
    "loss_floor",
    "loss_from_margins",
    "loss_slope",
    "mean_gradient",
    "mixing",
    "neighbours",
    "output_from_memory",
    "output_matrix_form",
    "output_softmax_form",
    "parse_expression",
    "prob_at_first_event",
    "proved_loss",
    "read_source",
    "read_theorem",
    "snr",
    "split_memory",
    "stage1_end",
    "test_error_from_failure",
    "theorems",
    "trained_step",
    "vacuous_flip_prob",
    "value_mixing",
    "with_trained_output",
]
