"""Signal and noise (Definition 3.1, STATED): a sample is a signal token μ_ŷ and a noise token.

True labels ŷ are Rademacher, observed labels y are flipped with probability p. μ₊ and μ₋ are
orthogonal and span the first two axes of every frame used here. Noise is Gaussian, over all
axes or off the signals' two.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..numerics.bartlett import bartlett
from ..problem import Problem
from ..randomness import Stream, generator

Array = NDArray[np.float64]
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
        """(N,) whether each training label was flipped."""
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


def signal_rows(problem: Problem, width: int) -> Array:
    """(2, width) rows μ₊ and μ₋.

    >>> signal_rows(Problem(signal_norm=2.0), 3).tolist()
    [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0]]
    """
    rows = np.zeros((2, width))
    rows[0, 0] = rows[1, 1] = problem.signal_norm
    return rows


def noise_tokens(rng: np.random.Generator, problem: Problem, count: int, axes: int) -> Array:
    """(count, axes) noise tokens on axes of which the signals are the first two.

    >>> tokens = noise_tokens(np.random.default_rng(0), Problem(noise="orthogonal"), 4, axes=5)
    >>> tokens.shape, tokens[:, :2].any().item()
    ((4, 5), False)
    """
    tokens = problem.noise_std * rng.standard_normal((count, axes))
    if problem.noise == "orthogonal":
        tokens[:, :2] = 0.0
    return tokens


def draw_coordinates(problem: Problem, run: int) -> Array:
    """(n, min(n, d)) rows μ₊, μ₋, ξ_1 … ξ_N in a frame whose first two axes are the signals.

    >>> draw_coordinates(Problem(n_samples=4, dim=10**9), run=0).shape
    (6, 6)
    """
    p = problem
    rng = generator(p, run, Stream.TRAIN_TOKENS)
    off_signals = bartlett(rng, p.n_samples, p.dim - 2)
    coordinates = np.zeros((p.n_samples + 2, 2 + off_signals.shape[1]))
    coordinates[:2] = signal_rows(p, coordinates.shape[1])
    coordinates[2:, 2:] = p.noise_std * off_signals
    if p.noise == "isotropic":
        coordinates[2:, :2] = p.noise_std * rng.standard_normal((p.n_samples, 2))
    return coordinates
