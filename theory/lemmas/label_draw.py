"""The draw of the labels alone: how often a class has no more kept than flipped labels.

With kappa = kept - flipped labels of a class, V of its signal grows by kappa eta mu^2 w^2/(4N) per
step at the start (`CLASS_GROWTH`), so that a class with kappa <= 0 is not learned, however large d
is. A theorem that promises learning with probability 1 - 1/d therefore needs
q(N, p) = P(the smaller kappa <= 0) <= 1/d. All of this is DERIVED from Definition 3.1: true labels
are fair coins, each is flipped with probability p.
"""

import numpy as np
from numpy.typing import NDArray
from sympy import Rational, log, sqrt

from ..condition import Condition
from ..errors import InvalidValueError
from ..law import Law
from ..provenance import Provenance
from ..symbols import N, d, p

_SOURCE = "Definition 3.1: binomial counts of kept and flipped labels"

LABELS_PER_LOG = Law(
    "labels_per_log", 1 / log(1 / (Rational(1, 2) + sqrt(p * (1 - p)))),
    Provenance.DERIVED, _SOURCE, "large N: the rate at which q(N, p) falls",
)  # fmt: skip
"""c(p): q(N, p) falls as exp(-N/c(p)), up to a factor 1/sqrt(N)."""

ENOUGH_LABELS = Condition(
    "sample size for the label draw", N, ">=", LABELS_PER_LOG.expr * log(d),
    Provenance.DERIVED, f"{_SOURCE}; item 2 at a constant that depends on p",
)  # fmt: skip
"""N >= c(p) log d, item 2': what 1 - 1/d asks of N for large N; item 2 at C = 1 is too weak."""


def label_draw_failure(n_samples: int, flip_prob: float) -> float:
    """q(N, p), the probability that some class has no more kept than flipped labels (DERIVED).

    Exact, by binomials: the size of a class is Binomial(N, 1/2), the flips in it are binomial. A
    class without samples counts.

    Args:
        n_samples: N >= 1.
        flip_prob: p in [0, 1/2).

    Raises:
        InvalidValueError: a number is outside its range.

    >>> round(label_draw_failure(24, 0.0) * 2**23, 12)  # one class is empty
    1.0
    >>> round(label_draw_failure(24, 0.2), 4), round(label_draw_failure(24, 0.1), 4)
    (0.0349, 0.0018)
    """
    if n_samples < 1 or n_samples != int(n_samples):
        raise InvalidValueError(f"n_samples = {n_samples}: must be a whole number from 1 on")
    if not 0 <= flip_prob < 0.5:
        raise InvalidValueError(f"flip_prob = {flip_prob}: must be in [0, 1/2)")
    count = int(n_samples)
    logs = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, count + 1)))))
    lost = np.array([_lost(size, flip_prob, logs) for size in range(count + 1)])
    sizes = np.arange(count + 1)
    weight = np.exp(logs[count] - logs[sizes] - logs[count - sizes] - count * np.log(2.0))
    other = lost[::-1]
    return float(weight @ (lost + other - lost * other))


def _lost(size: int, flip_prob: float, logs: NDArray[np.float64]) -> float:
    """P(at least half of a class's labels are flipped)."""
    if size == 0:
        return 1.0
    if flip_prob == 0:
        return 0.0
    flips = np.arange((size + 1) // 2, size + 1)
    chosen = logs[size] - logs[flips] - logs[size - flips]
    terms = chosen + flips * np.log(flip_prob) + (size - flips) * np.log1p(-flip_prob)
    return float(np.exp(terms).sum())
