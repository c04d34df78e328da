"""Where test_loss turns good in the limit: a number where a theorem has an unnamed constant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import entr

from ..errors import EngineError, shown
from ..problem import Problem
from .fresh import margin, mean_loss
from .kernel import MEMORY, QK
from .systems import Systems
from .target import advance_to

Array = NDArray[np.float64]

#: N at which the boundary's power is fitted, as in claim X1's cells, and the N of the constant.
FITTED_SAMPLES, LARGE = (6, 12, 24, 40), 4000
#: σ_h²d_hρ of X1's cells, 1.6 at N = 40 to 2.9 at N = 6.
START = 2.0
#: The learning rate over N/ρ, as in X1's cells.
_RATE = 0.02
#: N·SNR² between which the boundary is searched, and the accuracy of its logarithm.
_LOWEST, _HIGHEST, _CLOSE = 1e-3, 1e4, 1e-5
#: Ratio of the two N between which a local power is taken.
_APART = 1.1


@dataclass(frozen=True)
class LossBoundary:
    """N·SNR² at which test_loss is half-way from H(p) to log 2 when train_loss reaches ε.

    Attributes:
        flip_prob: p.
        target_loss: ε.
        start: σ_h²d_hρ, the square length of a noise token's query at the start.
        n_samples: N of each point, increasing; the last is that of the constant.
        levels: N·SNR² at each.
        powers: local power b of SNR in N·SNR^b = C at each.
        fitted_power: b fitted through the points up to N = 40; NaN with fewer than two.

    Example:
        >>> boundary = find_boundary(0.1, 0.1)
        >>> round(boundary.constant, 2), round(boundary.fitted_power, 2)
        (1.26, 1.84)
    """

    flip_prob: float
    target_loss: float
    start: float
    n_samples: tuple[float, ...]
    levels: tuple[float, ...]
    powers: tuple[float, ...]
    fitted_power: float

    @property
    def constant(self) -> float:
        """C0(p, ε): N·SNR² at the largest N."""
        return self.levels[-1]


def find_boundary(
    flip_prob: float,
    target_loss: float,
    *,
    n_samples: Sequence[float] = (*FITTED_SAMPLES, LARGE),
    start: float = START,
) -> LossBoundary:
    """Search the boundary of test_loss for balanced classes, d and d_h without end.

    Half of the samples are in each class, a share p of each is flipped, and a fresh noise token's
    V' vanishes beside the signal's. A cell is good as claim X1 says it, with (test_loss - H(p)) /
    (log 2 - H(p)) at most ½, taken where train_loss first reaches ε. DERIVED.

    Args:
        flip_prob: p in [0, 1/2).
        target_loss: ε, between 0 and log 2.
        n_samples: N of the points, each at least 1; counts of types need not be whole.
        start: σ_h²d_hρ at the start, on which the constant depends.

    Raises:
        EngineError: a number is outside its range, or no SNR is on the boundary.

    Example:
        >>> round(find_boundary(0.0, 0.1, n_samples=[4000]).constant, 2)
        1.54
    """
    _check(flip_prob, target_loss, n_samples, start)
    counts = sorted({float(n) for n in n_samples})

    def level(n: float) -> float:
        return _crossing(n, flip_prob, target_loss, start)

    levels = [level(n) for n in counts]
    powers = [
        2.0 * math.log(_APART) / (math.log(_APART) - math.log(level(n * _APART) / at))
        for n, at in zip(counts, levels, strict=True)
    ]
    near = [(n, at) for n, at in zip(counts, levels, strict=True) if n <= max(FITTED_SAMPLES)]
    fitted = math.nan
    if len(near) > 1:
        n, at = np.array(near).T
        fitted = -1.0 / float(np.polyfit(np.log(n), 0.5 * np.log(at / n), 1)[0])
    return LossBoundary(
        flip_prob, target_loss, start, tuple(counts), tuple(levels), tuple(powers), fitted
    )


def _check(p: float, target: float, n_samples: Sequence[float], start: float) -> None:
    if not 0 <= p < 0.5:
        raise EngineError(f"p = {shown(p)}: must be in [0, 1/2)")
    if not 0 < target < math.log(2):
        raise EngineError(f"target_loss = {shown(target)}: must be between 0 and log 2 = 0.693")
    if not 0 <= start < math.inf:
        raise EngineError(f"start = {shown(start)}: must be 0 or more, and finite")
    if not n_samples or not all(1 <= n < math.inf for n in n_samples):
        raise EngineError(f"n_samples = {shown(n_samples)}: give numbers of samples, each from 1")


def _crossing(n: float, flip_prob: float, target: float, start: float) -> float:
    """N·SNR² at which a cell changes sides."""
    low, high = 0.7, 3.0
    while _excess(low, n, flip_prob, target, start) <= 0 and low > _LOWEST:
        low /= 4
    while _excess(high, n, flip_prob, target, start) >= 0 and high < _HIGHEST:
        high *= 4
    if low <= _LOWEST or high >= _HIGHEST:
        raise EngineError(
            f"p = {flip_prob:g}, target_loss = {target:g}, N = {n:g}: test_loss is on one side for "
            f"all N·SNR² from {_LOWEST:g} to {_HIGHEST:g}; give another target_loss"
        )
    root = brentq(
        lambda log: _excess(math.exp(log), n, flip_prob, target, start),
        math.log(low), math.log(high), xtol=_CLOSE,
    )  # fmt: skip
    return math.exp(float(root))


def _excess(level: float, n: float, flip_prob: float, target: float, start: float) -> float:
    """(test_loss - H)/(log 2 - H) - ½ where train_loss reaches its target."""
    systems = _balanced(level, n, flip_prob, start)
    state, share = advance_to(systems, target)
    last = _score(systems, flip_prob)
    systems.state = state
    return (1 - share) * _score(systems, flip_prob) + share * last


def _balanced(level: float, n: float, flip_prob: float, start: float) -> Systems:
    """A class of N/2 samples at that N·SNR²; the longer token has length 1."""
    square = level / n
    longest = max(square, 1.0)
    problem = Problem(
        dim=10**12, key_dim=10**6, signal_norm=math.sqrt(square / longest),
        noise_std=1e-6 / math.sqrt(longest), learning_rate=_RATE * n,
        init_std_qk=1e-3 * math.sqrt(start * longest),
    )  # fmt: skip
    kept, flipped = n / 2 * (1 - flip_prob), n / 2 * flip_prob
    types, memory = np.array([[[kept, flipped]] * 2]), np.zeros((1, 2))
    systems = Systems.start(problem, types, memory, np.ones(1))
    systems.n_samples = n
    return systems


def _score(systems: Systems, flip_prob: float) -> float:
    x = systems.state
    mean, std = margin(x[:1, QK], x[:1, MEMORY], np.zeros(1))
    test = float((mean_loss(mean, std) + flip_prob * mean)[0])
    best = float(entr(flip_prob) + entr(1 - flip_prob))
    return (test - best) / (math.log(2) - best) - 0.5
