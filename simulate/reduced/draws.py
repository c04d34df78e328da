"""What a run's start is drawn from: labels, rows Z of signals and noise, first-layer weights.

Rows of Z are the law's signals, then the noise of every noisy slot, slot by slot: n rows for N
samples. Training needs of them G = ZZᵀ, U = Z W(0) and W(0)ᵀW(0) alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..model_problem import ModelProblem
from ..numerics.bartlett import bartlett
from ..randomness import Stream, generator

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Samples:
    """The training labels of one run, and which signals its samples hold.

    Attributes:
        component: (N,) component of the data law each sample belongs to.
        true: (N,) true labels.
        observed: (N,) labels trained on.
    """

    component: IntArray
    true: IntArray
    observed: IntArray

    @property
    def flipped(self) -> NDArray[np.bool_]:
        """(N,) whether each label was flipped."""
        return np.not_equal(self.true, self.observed)


@dataclass(frozen=True)
class ModelArrays:
    """One run at its real dimensions.

    Attributes:
        rows: (n, d) signals and noise.
        weights: (d, k) first-layer weights W(0).
    """

    rows: Array
    weights: Array


@dataclass(frozen=True)
class ModelStart:
    """One run's start by inner products.

    Attributes:
        gram: (n, n) Z Zᵀ.
        products: (n, k) Z W(0).
        noise_weights: (k, k) W(0)ᵀ P W(0), P the projection on the subspace of the noise.
    """

    gram: Array
    products: Array
    noise_weights: Array


def draw_samples(problem: ModelProblem, run: int) -> Samples:
    """Components and flips of one run.

    >>> from bofcheck.simulate import make_problem
    >>> samples = draw_samples(make_problem(model="linear", n_samples=5), run=0)
    >>> samples.true.shape, samples.flipped.any().item()
    ((5,), False)
    """
    rng = generator(problem, run, Stream.LABELS)
    labels = problem.law.mixture().labels
    component = rng.integers(0, len(labels), problem.n_samples)
    true = labels[component]
    flips = rng.random(problem.n_samples) < problem.flip_prob
    return Samples(component, true, np.where(flips, -true, true))


def draw_start(problem: ModelProblem, run: int) -> ModelStart:
    """One run's start, exact in distribution, at a cost that does not depend on d.

    In a frame adapted to them the noise rows are a Bartlett factor, the weights a Gaussian matrix,
    and what the weights have outside the frame a Wishart matrix (DERIVED).

    Example:
        >>> from bofcheck.simulate import make_problem
        >>> start = draw_start(make_problem(model="relu_cnn", n_samples=4, dim=10**12), run=0)
        >>> start.gram.shape, start.products.shape
        ((5, 5), (5, 20))
    """
    mixture = problem.law.mixture()
    signals, stds = len(mixture.norms), _row_stds(problem)
    rng = generator(problem, run, Stream.TRAIN_TOKENS)
    off_signals = bartlett(rng, len(stds), problem.dim - signals)
    frame = np.zeros((signals + len(stds), signals + off_signals.shape[1]))
    frame[:signals, :signals] = np.diag(mixture.norms)
    frame[signals:, signals:] = stds[:, None] * off_signals
    if not mixture.orthogonal:
        along = rng.standard_normal((len(stds), signals))
        frame[signals:, :signals] = stds[:, None] * along
    weights = generator(problem, run, Stream.WEIGHTS)
    columns = problem.network.start_stds()
    inside = weights.standard_normal((frame.shape[1], len(columns))) * columns
    outside = columns[:, None] * bartlett(weights, len(columns), problem.dim - frame.shape[1])
    seen = inside[signals:] if mixture.orthogonal else inside
    return ModelStart(frame @ frame.T, frame @ inside, seen.T @ seen + outside @ outside.T)


def draw_model_arrays(problem: ModelProblem, run: int) -> ModelArrays:
    """One run's start at its real dimensions; the signals lie along the first axes.

    Example:
        >>> from bofcheck.simulate import make_problem
        >>> arrays = draw_model_arrays(make_problem(model="linear", n_samples=3, dim=7), run=0)
        >>> arrays.rows.shape, arrays.weights.shape
        ((4, 7), (7, 1))
    """
    mixture = problem.law.mixture()
    signals, stds = len(mixture.norms), _row_stds(problem)
    rng = generator(problem, run, Stream.TRAIN_TOKENS)
    rows = np.zeros((signals + len(stds), problem.dim))
    rows[:signals, :signals] = np.diag(mixture.norms)
    rows[signals:] = stds[:, None] * rng.standard_normal((len(stds), problem.dim))
    if mixture.orthogonal:
        rows[signals:, :signals] = 0.0
    columns = problem.network.start_stds()
    weights = generator(problem, run, Stream.WEIGHTS)
    return ModelArrays(rows, weights.standard_normal((problem.dim, len(columns))) * columns)


def project_arrays(problem: ModelProblem, arrays: ModelArrays) -> ModelStart:
    """The same start by inner products."""
    mixture = problem.law.mixture()
    rows, weights = arrays.rows, arrays.weights
    seen = weights[len(mixture.norms) :] if mixture.orthogonal else weights
    return ModelStart(rows @ rows.T, rows @ weights, seen.T @ seen)


def draw_extra(problem: ModelProblem, run: int) -> dict[str, Array]:
    """The trained parameters of one run that never meet the data, at the start."""
    return problem.network.start_extra(generator(problem, run, Stream.SECOND_LAYER))


def _row_stds(problem: ModelProblem) -> Array:
    """(n - s,) noise level of each noise row."""
    mixture = problem.law.mixture()
    return np.repeat(mixture.noise_stds[mixture.noisy], problem.n_samples)
