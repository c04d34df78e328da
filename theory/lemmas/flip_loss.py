"""Eq. (3): the logistic test loss, split by whether the label was flipped.

Source: arXiv 2502.12508, eq. (3): the prose fixes it as the law of total expectation (STATED).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import Expr, exp, log

from ..evaluation.ranges import checked_share, plain
from ..provenance import Provenance
from ..state import margin
from ..symbols import p
from .identities import Identity


def logistic_loss(z: Expr) -> Expr:
    """l(z) = log(1 + exp(-z)) of a margin z.

    >>> logistic_loss(margin)
    log(1 + exp(-margin))
    """
    return log(1 + exp(-z))


def flip_loss_identity() -> Identity:
    """Eq. (3) at one input of true margin m = yhat f: (1-p) l(m) + p l(-m) = l(m) + p m.

    The left side splits the loss by kept and flipped labels; the right side shows the cost of
    flips: p times the margin, whatever the network's weights.

    >>> flip_loss_identity().holds()
    True
    """
    split = (1 - p) * logistic_loss(margin) + p * logistic_loss(-margin)
    return Identity(
        "eq. (3)",
        split,
        logistic_loss(margin) + p * margin,
        Provenance.STATED,
        "arXiv 2502.12508, eq. (3)",
    )


def loss_from_margins(flip_prob: ArrayLike, margins: ArrayLike) -> float | NDArray[np.float64]:
    """test_loss from a sample of true margins yhat f, with flips integrated exactly.

    Args:
        flip_prob: p in [0, 1/2), a scalar or an array that broadcasts against the result.
        margins: shape (..., n), n draws of yhat f on fresh inputs.

    Returns:
        (1-p) E l(yhat f) + p E l(-yhat f), shape (...); finite for finite margins of any size.

    Raises:
        InvalidValueError: p is outside [0, 1/2).

    >>> float(round(loss_from_margins(0.1, [0.0, 2.0]), 9))  # (log 2 + log(1+e^-2) + 0.2)/2
    0.510037596
    """
    flip = checked_share("flip_prob", flip_prob, 0.5)
    drawn = np.asarray(margins, dtype=np.float64)
    kept = np.logaddexp(0.0, -drawn).mean(axis=-1)
    turned = np.logaddexp(0.0, drawn).mean(axis=-1)
    return plain(np.asarray((1 - flip) * kept + flip * turned))
