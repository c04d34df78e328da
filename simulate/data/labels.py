"""True and observed labels of training and test samples (Definition 3.1, STATED)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..problem import Problem
from ..randomness import Stream, generator

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Labels:
    """Signs of one run's samples.

    Attributes:
        true: (N,) true labels ŷ in {-1, +1}; token 1 of sample n is μ_ŷ.
        observed: (N,) labels y the model is trained on (flipped with probability p).
        test_true: (m,) true labels of the drawn test samples.
        test_observed: (m,) their observed labels.
    """

    true: IntArray
    observed: IntArray
    test_true: IntArray
    test_observed: IntArray

    @property
    def flipped(self) -> NDArray[np.bool_]:
        """(N,) which training labels were flipped."""
        return np.not_equal(self.true, self.observed)


def draw_labels(problem: Problem, run: int) -> Labels:
    """Rademacher true labels, flipped independently with probability ``flip_prob``.

    >>> labels = draw_labels(Problem(n_samples=5, flip_prob=0.0), run=0)
    >>> bool((labels.true == labels.observed).all())
    True
    """
    true, observed = _draw(generator(problem, run, Stream.LABELS), problem.n_samples, problem)
    test = _draw(generator(problem, run, Stream.TEST_LABELS), problem.test_tokens, problem)
    return Labels(true, observed, *test)


def _draw(rng: np.random.Generator, count: int, problem: Problem) -> tuple[IntArray, IntArray]:
    true = 2 * rng.integers(0, 2, count) - 1
    flips = rng.random(count) < problem.flip_prob
    return true, np.where(flips, -true, true)
