"""Draws of the labels: how many samples each class has, and how many labels are flipped in it."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, xlog1py, xlogy

from ..data.signal_noise import draw_labels
from ..errors import EngineError, shown
from ..problem import Problem

IntArray = NDArray[np.int64]
Array = NDArray[np.float64]

#: Most random draws of the labels in one prediction, and most in an average over all draws.
MOST_DRAWS, MOST_OF_ALL = 100_000, 30_000
#: Rarer draws are left out of an average over all draws.
_RARE = 1e-13


@dataclass(frozen=True)
class LabelDraws:
    """Counts of each draw, and the probability it stands for.

    Attributes:
        positive: (R,) samples with true label +1.
        flipped_positive: (R,) how many of these carry a flipped label.
        flipped_negative: (R,) flipped labels among the samples with true label -1.
        weights: (R,) share of each draw in a mean over the draws; they add up to 1.
    """

    positive: IntArray
    flipped_positive: IntArray
    flipped_negative: IntArray
    weights: Array

    def types(self, n_samples: int) -> IntArray:
        """(R, 2, 2) samples by class (+, -) and by label (kept, flipped).

        >>> given_labels(10, (6, 1, 0)).types(10).tolist()
        [[[5, 1], [4, 0]]]
        """
        plus = np.stack([self.positive - self.flipped_positive, self.flipped_positive], axis=1)
        kept = n_samples - self.positive - self.flipped_negative
        minus = np.stack([kept, self.flipped_negative], axis=1)
        return np.stack([plus, minus], axis=1)


def given_labels(n_samples: int, labels: Sequence[int]) -> LabelDraws:
    """A single draw: positive samples, flipped among them, flipped among the negative.

    Raises:
        EngineError: not three whole numbers, or they do not fit N.

    >>> given_labels(20, (9, 1, 0)).positive.tolist()
    [9]
    """
    try:
        positive, flipped, other = (operator.index(count) for count in labels)
    except (TypeError, ValueError):
        raise EngineError(
            f"labels = {shown(labels)}: give three whole numbers: positive samples, flipped among "
            "them, flipped among the negative"
        ) from None
    if not (0 <= flipped <= positive <= n_samples and 0 <= other <= n_samples - positive):
        raise EngineError(
            f"labels = {positive}, {flipped}, {other}: of n_samples = {n_samples} samples, at most "
            "the positive can be flipped among the positive, and the rest among the negative"
        )
    counts = np.array([[positive], [flipped], [other]], dtype=np.int64)
    return LabelDraws(counts[0], counts[1], counts[2], np.ones(1))


def random_labels(problem: Problem, draws: int) -> LabelDraws:
    """The labels of that many runs, the same as training draws for runs 0 … draws-1.

    Raises:
        EngineError: not a whole number from 1 to 100,000.

    >>> random_labels(Problem(n_samples=8), 3).positive.shape
    (3,)
    """
    known = isinstance(draws, int | np.integer) and not isinstance(draws, bool)
    if not known or not 1 <= draws <= MOST_DRAWS:
        raise EngineError(
            f"draws = {shown(draws)}: must be a whole number from 1 to {MOST_DRAWS:,}"
        )
    counts = np.empty((draws, 3), dtype=np.int64)
    plain = problem.replace(test_tokens=1)  # the draws of the training labels are the same
    for run in range(draws):
        labels = draw_labels(plain, run)
        plus = labels.true > 0
        flipped = labels.flipped
        counts[run] = plus.sum(), (flipped & plus).sum(), (flipped & ~plus).sum()
    positive, first, second = counts.T.copy()
    return LabelDraws(positive, first, second, np.full(draws, 1.0 / draws))


def all_labels(problem: Problem) -> LabelDraws:
    """Every draw with its probability, but for draws rarer than 1e-13 in all.

    Raises:
        EngineError: more than 30,000 draws would be needed.

    >>> draws = all_labels(Problem(n_samples=2, flip_prob=0.25))
    >>> draws.positive.tolist(), draws.weights.round(3).tolist()[:3]
    ([0, 0, 0, 1, 1, 1, 1, 2, 2, 2], [0.141, 0.094, 0.016])
    """
    n, p = problem.n_samples, problem.flip_prob
    sizes = np.arange(n + 1)
    by_size = gammaln(n + 1) - gammaln(sizes + 1) - gammaln(n - sizes + 1) - n * np.log(2.0)
    flips = [_log_binomial(int(size), p) for size in sizes]
    rows: list[tuple[int, IntArray, IntArray, Array]] = []
    total = 0
    level = np.log(_RARE) - 3.0 * np.log(n + 1.0)  # at most (n+1)³ draws are left out
    for size in sizes:
        logs = by_size[size] + flips[size][:, None] + flips[n - size][None, :]
        first, second = np.nonzero(logs >= level)
        total += len(first)
        if total > MOST_OF_ALL:
            raise EngineError(
                f"n_samples = {n}: all draws of the labels are more than {MOST_OF_ALL:,}; give "
                "draws, a number of random draws, or labels"
            )
        rows.append((int(size), first, second, logs[first, second]))
    positive = np.concatenate([np.full(len(row[1]), row[0]) for row in rows])
    weights = np.exp(np.concatenate([row[3] for row in rows]))
    return LabelDraws(
        positive.astype(np.int64),
        np.concatenate([row[1] for row in rows]).astype(np.int64),
        np.concatenate([row[2] for row in rows]).astype(np.int64),
        weights / weights.sum(),
    )


def _log_binomial(size: int, flip_prob: float) -> Array:
    """(size+1,) log P of that many flips among ``size`` labels."""
    flips = np.arange(size + 1)
    ways = gammaln(size + 1) - gammaln(flips + 1) - gammaln(size - flips + 1)
    return np.asarray(ways + xlogy(flips, flip_prob) + xlog1py(size - flips, -flip_prob))
