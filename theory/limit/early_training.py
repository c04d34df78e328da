"""The first stage in closed form: the excess of test_error, and the end T1 of the stage.

While attention is uniform and every loss slope is 1/2, V of a class grows by
kappa eta mu² w²/(4N) a step, kappa = kept - flipped labels of the class (`CLASS_GROWTH`), and
|W_V w_O| stays at its start; nothing is left to fit.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import Expr, Max, Rational, Symbol, erfc, sqrt

from ..evaluation.normal_tail import log_normal_tail
from ..evaluation.ranges import as_numbers, checked_scale, checked_share, plain
from ..law import Law
from ..provenance import Provenance
from ..state import V_minus, V_plus, value_norm
from ..symbols import N, eta, mu, p, sigma_p, t, w

_SOURCE = "class growth from the start of a run; see docs/limit.md"
_VALID = "t far below 1/(eta mu² w²); V_±, |W_V w_O| of step 0; one run"

lead_plus = Symbol("lead_plus", real=True)  # kept - flipped labels of class +
lead_minus = Symbol("lead_minus", real=True)  # of class -

_pace = eta * mu**2 * w**2 / (4 * N)
_spread = sigma_p * value_norm


def _tail(memory: Expr, lead: Expr) -> Expr:
    """Φ(-(memory + lead pace t)/spread)."""
    return erfc((memory + lead * _pace * t) / (sqrt(2) * _spread), evaluate=False) / 2


EXCESS = Law(
    "stage1_excess",
    (1 - 2 * p) * Rational(1, 2) * (_tail(V_plus, lead_plus) + _tail(-V_minus, lead_minus)),
    Provenance.DERIVED, _SOURCE, _VALID,
)  # fmt: skip
"""test_error - p of a run in stage 1, from its draws at step 0 and its labels."""

T1_CLOSED = Law(
    "T1_closed",
    Max((_spread - V_plus) / (lead_plus * _pace), (_spread + V_minus) / (lead_minus * _pace)),
    Provenance.DERIVED, _SOURCE, "both classes have more kept than flipped labels; one run",
)  # fmt: skip
"""T1: the step at which the later class exceeds a fresh noise token's standard deviation."""


def log_stage1_excess(
    v_plus: ArrayLike,
    v_minus: ArrayLike,
    leads: tuple[ArrayLike, ArrayLike],
    growth: ArrayLike,
    spread: ArrayLike,
    flip_prob: ArrayLike,
) -> float | NDArray[np.float64]:
    """Log of `EXCESS`, however small (DERIVED).

    Args:
        v_plus: V+ at step 0.
        v_minus: V- at step 0.
        leads: kept minus flipped labels of classes + and -.
        growth: eta mu² w² t/(4N) of the step.
        spread: ``σ_p |W_V w_O|`` at step 0; all broadcast.
        flip_prob: p in [0, 1/2).

    Raises:
        InvalidValueError: a number is outside its range.

    Example:
        >>> round(log_stage1_excess(0.0, 0.0, (8, 8), 0.0, 1.0, 0.0), 6)  # 1/2
        -0.693147
        >>> round(log_stage1_excess(0.0, 0.0, (8, 8), 25.0, 1.0, 0.0), 6)  # Φ(-200)
        -20006.217281
    """
    share = checked_share("flip_prob", flip_prob, 0.5)
    scale = checked_scale("spread", spread)
    pace = checked_scale("growth", growth, zero=True)
    plus, minus = (as_numbers("leads", lead) for lead in leads)
    logs = [
        log_normal_tail((sign * as_numbers("V", start) + lead * pace) / scale)
        for sign, start, lead in ((1, v_plus, plus), (-1, v_minus, minus))
    ]
    both = np.logaddexp(np.asarray(logs[0]), np.asarray(logs[1]))
    return plain(np.asarray(both - math.log(2) + np.log1p(-2 * share)))


def stage1_end(
    v_plus: ArrayLike,
    v_minus: ArrayLike,
    leads: tuple[ArrayLike, ArrayLike],
    pace: ArrayLike,
    spread: ArrayLike,
) -> float | NDArray[np.float64]:
    """`T1_CLOSED` in numbers; inf where a class has no more kept than flipped labels.

    Args:
        v_plus: V+ at step 0.
        v_minus: V- at step 0.
        leads: kept minus flipped labels of classes + and -.
        pace: eta mu² w²/(4N).
        spread: ``σ_p |W_V w_O|`` at step 0; all broadcast.

    Raises:
        InvalidValueError: a number is outside its range.

    Example:
        >>> stage1_end(0.0, -0.5, (8, 8), 0.25, 1.0)
        0.5
        >>> stage1_end(0.0, 0.0, (8, 0), 0.25, 1.0)
        inf
    """
    scale, step = checked_scale("spread", spread), checked_scale("pace", pace)
    ends = []
    for sign, start, lead in ((1, v_plus, leads[0]), (-1, v_minus, leads[1])):
        missing = np.maximum(scale - sign * as_numbers("V", start), 0.0)
        ahead = as_numbers("leads", lead)
        with np.errstate(divide="ignore", invalid="ignore"):
            grown = np.where(ahead > 0, missing / (ahead * step), np.inf)
        ends.append(np.where(missing == 0.0, 0.0, grown))
    return plain(np.asarray(np.maximum(*ends)))
