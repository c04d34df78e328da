"""The constants in Theorem 4.3's lower bound on test_loss, and how they are related.

Sources: arXiv 2502.12508, Theorem 4.3, and the public review of its proof; the algebra is this
project's (DERIVED).
"""

from functools import cache

from sympy import Expr, Rational, Symbol, exp, expand, log, nsolve

from ..symbols import bayes_loss, p
from ..theorems.harmful import PROVED, STAGE3_LOSS_FLOOR


def loss_floor() -> Expr:
    """C_L = log(1 + exp(-1/2))/2, the lower bound on test_loss in H6 (RECONSTRUCTED).

    >>> round(float(loss_floor()), 5)
    0.23704
    """
    return STAGE3_LOSS_FLOOR


@cache
def vacuous_flip_prob() -> float:
    """The smallest p with H(p) >= C_L: from there on H6 is vacuous (DERIVED).

    >>> round(vacuous_flip_prob(), 4)
    0.0637
    """
    x = Symbol("x", positive=True)  # p itself may be zero, where H is a separate case
    gap = bayes_loss.subs(p, x) - loss_floor()
    return float(nsolve(gap, x, (Rational(1, 100), Rational(2, 5)), solver="anderson", prec=30))


def proved_loss() -> Expr:
    """The loss Theorem 4.3's proof reaches with probability 1/2: log(1 + exp(-1/2)) (SOURCE).

    >>> round(float(proved_loss()), 5)
    0.47408
    """
    return PROVED


def claimed_loss() -> Expr:
    """The loss the theorem uses instead: log((1 + 2 exp(1/2))/(1 + exp(1/2))) (SOURCE).

    >>> round(float(claimed_loss()), 5)
    0.48394
    """
    return log((1 + 2 * exp(Rational(1, 2))) / (1 + exp(Rational(1, 2))))


def proof_gap_sign() -> Expr:
    """A positive number that shows claimed_loss > proved_loss: the proof is too weak (DERIVED).

    With s = exp(1/2), (1 + 2s)/(1 + s) > 1 + 1/s means (1 + 2s) s > (1 + s)^2, that is
    s^2 - s - 1 > 0.

    >>> proof_gap_sign(), bool(proof_gap_sign() > 0)
    (-exp(1/2) - 1 + E, True)
    """
    s = Symbol("s", positive=True)
    return expand((1 + 2 * s) * s - (1 + s) ** 2).subs(s, exp(Rational(1, 2)))
