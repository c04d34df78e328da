"""The probability of misclassifying a fresh sample, from memory alone, at uniform attention.

A fresh noise token has V' ~ N(0, sigma_p^2 |u|^2) with u = W_V w_O, so Lemma 5.2's event at
attention 1/2 is a Gaussian tail for each class (DERIVED). This holds for one run; over several
runs the probabilities are averaged, never the arguments.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import Expr, Rational, Symbol, diff, erfc, limit, oo, sqrt

from ..evaluation.normal_tail import log_normal_tail
from ..evaluation.ranges import checked_scale, plain
from ..law import Law
from ..provenance import Provenance
from ..state import V_minus, V_noise_squares, V_plus, value_norm
from ..symbols import d, mu, sigma_p, sigma_V, w

_SPREAD = sqrt(2) * sigma_p * value_norm
# Not evaluated: SymPy would write 2 - erfc(V_-/...), which loses every digit of a small tail.
_AGAINST_MINUS = erfc(-V_minus / _SPREAD, evaluate=False)

FAILURE_PROB = Law(
    "failure_prob", (erfc(V_plus / _SPREAD) + _AGAINST_MINUS) * Rational(1, 4),
    Provenance.DERIVED, "Lemma 5.2 with a Gaussian token", "uniform attention, one run",
)  # fmt: skip
"""P(yhat f <= 0) = (Phi(-V_+/(sigma_p |u|)) + Phi(V_-/(sigma_p |u|)))/2."""

VALUE_NORM_SQUARED = Law(
    "value_norm_squared",
    sigma_V**2 * w**2 * d + (V_plus**2 + V_minus**2) / mu**2 + V_noise_squares / (sigma_p**2 * d),
    Provenance.DERIVED, "u(0) plus what the training tokens added",
    "d far above N, training tokens near orthogonal",
)  # fmt: skip
"""|u|^2: the random start, which training does not remove, plus the learned tokens."""


def log_failure_prob(
    v_plus: ArrayLike, v_minus: ArrayLike, noise_std: ArrayLike, value_norm: ArrayLike
) -> float | NDArray[np.float64]:
    """Log P(yhat f <= 0) of each run at uniform attention, however small (DERIVED).

    Args:
        v_plus: V of the signal of label +1.
        v_minus: V of the signal of label -1.
        noise_std: sigma_p > 0.
        value_norm: norm of W_V w_O > 0; all broadcast.

    Returns:
        A float or an array, one entry per run.

    Raises:
        InvalidValueError: noise_std or value_norm is not positive.

    >>> round(log_failure_prob(2.0, -2.0, 0.5, 4.0), 6)  # log Phi(-1)
    -1.841022
    >>> round(log_failure_prob(400.0, -400.0, 0.5, 4.0), 6)
    -20006.217281
    """
    spread = checked_scale("noise_std", noise_std) * checked_scale("value_norm", value_norm)
    plus = log_normal_tail(np.asarray(v_plus) / spread)
    minus = log_normal_tail(-np.asarray(v_minus) / spread)
    return plain(np.asarray(np.logaddexp(plus, minus) - np.log(2)))


def prob_at_first_event() -> tuple[Expr, Expr]:
    """Between which numbers P(yhat f <= 0) lies at T1, by the definition of T1 (DERIVED).

    At T1 the smaller of V+ and -V- is ``sigma_p |u|``, the larger is x times that with some x >= 1.
    P falls in x, so that it lies between its limit for large x and its value at x = 1.

    Returns:
        Phi(-1)/2, which it stays above, and Phi(-1), which it reaches where both are equal.

    Raises:
        ArithmeticError: P does not fall in x, so that its ends are not its extremes.

    >>> low, high = prob_at_first_event()
    >>> round(float(low), 4), round(float(high), 4)
    (0.0793, 0.1587)
    """
    x = Symbol("x", positive=True)
    at = {V_plus: sigma_p * value_norm, V_minus: -x * sigma_p * value_norm}
    prob = FAILURE_PROB.expr.subs(at, simultaneous=True).doit()
    if not diff(prob, x).is_negative:
        raise ArithmeticError("P(yhat f <= 0) does not fall in the memory of the stronger class")
    return limit(prob, x, oo), prob.subs(x, 1)


def log_mean(log_probs: ArrayLike, axis: int = -1) -> float | NDArray[np.float64]:
    """The logarithm of the mean of probabilities given as logarithms, e.g. over runs.

    Args:
        log_probs: logarithms; -inf is a probability of zero.
        axis: the axis to average over.

    >>> round(log_mean([-1e5, -2e5]), 6)  # the larger one, halved
    -100000.693147
    """
    logs = np.asarray(log_probs, dtype=np.float64)
    return plain(np.asarray(np.logaddexp.reduce(logs, axis=axis) - np.log(logs.shape[axis])))
