"""Lemma 5.2: the event that the network contradicts the true label, in memory and attention.

Source: arXiv 2502.12508, Lemma 5.2, whose formula is lost; the formula here follows from the model
(DERIVED) and agrees with the model's output.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import Le

from ..evaluation.numbers import Number, evaluate
from ..evaluation.ranges import checked_share, checked_sign
from ..law import Law
from ..provenance import Provenance
from ..state import V_noise, V_signal, attention_noise, attention_signal, true_label

_SOURCE = "arXiv 2502.12508, Lemma 5.2 and eq. (1)"
_MASS = attention_signal + attention_noise

OUTPUT = Law(
    "output", (_MASS * V_signal + (2 - _MASS) * V_noise) / 2, Provenance.DERIVED, _SOURCE,
    "two tokens; always",
)  # fmt: skip
"""f: each query averages V over the two tokens by its attention, f is the mean of both queries."""

ERROR_EVENT = Le(true_label * OUTPUT.expr, 0)
"""yhat f <= 0 as a SymPy relation in memory and attention."""


def output_from_memory(
    v_signal: ArrayLike, v_noise: ArrayLike, attention_signal: ArrayLike, attention_noise: ArrayLike
) -> Number:
    """The network's output f (DERIVED).

    Args:
        v_signal: V of the sample's signal token.
        v_noise: V of its noise token.
        attention_signal: attention of the signal token's query on the signal token, in [0, 1].
        attention_noise: attention of the noise token's query on the signal token; all broadcast.

    Returns:
        f, a float or an array.

    Raises:
        InvalidValueError: an attention is outside [0, 1].

    >>> output_from_memory(2.0, -1.0, 0.75, 0.5)  # (1.25 * 2 - 0.75)/2
    0.875
    """
    values = {
        "V_signal": v_signal,
        "V_noise": v_noise,
        "attention_signal": checked_share("attention_signal", attention_signal),
        "attention_noise": checked_share("attention_noise", attention_noise),
    }
    return evaluate(OUTPUT.expr, values, "output")


def contradicts_truth(
    true_label: ArrayLike,
    v_signal: ArrayLike,
    v_noise: ArrayLike,
    attention_signal: ArrayLike,
    attention_noise: ArrayLike,
) -> bool | NDArray[np.bool_]:
    """Whether yhat f <= 0 (DERIVED).

    Args:
        true_label: yhat, -1 or +1.
        v_signal: V of the signal token; see :func:`output_from_memory` for this and the rest.
        v_noise: V of the noise token.
        attention_signal: attention of the signal token's query on the signal token.
        attention_noise: attention of the noise token's query on the signal token.

    Returns:
        A bool, or an array of the broadcast shape.

    Raises:
        InvalidValueError: a label is not -1 or +1, or an attention is outside [0, 1].

    >>> contradicts_truth(1, 2.0, [-1.0, -4.0], 0.75, 0.5)
    array([False,  True])
    """
    output = output_from_memory(v_signal, v_noise, attention_signal, attention_noise)
    failed = np.less_equal(checked_sign("true_label", true_label) * output, 0.0)
    return failed if failed.ndim else bool(failed)
