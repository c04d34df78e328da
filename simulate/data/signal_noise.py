"""Signal and noise (Definition 3.1, STATED): a sample is a signal token μ_ŷ and a noise token.

True labels ŷ are Rademacher, observed labels y are flipped with probability p. μ₊ and μ₋ are
orthogonal and span the first two axes of every frame used here. Noise is Gaussian, over all
axes or off the signals' two. The functions serve the attention model; `SignalNoise` is the same law
for every other model, with one signal ±μ or two, and any number of noise tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ..fields import Length, Positive
from ..numerics.bartlett import bartlett
from ..problem import Problem
from ..randomness import Stream, generator
from ._law import DataLaw, Mixture

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


class SignalNoise(DataLaw):
    """A signal token and noise tokens beside it.

    Source: ``signals = "opposite"`` Cao et al. 2022 and Kou et al. 2023 (patches ŷμ and ξ;
    RECALLED, corroborated by papers that cite them); ``"orthogonal"`` Definition 3.1 of the paper
    (STATED) and Jiang et al. 2024 (SEEN: M tokens, the first noise token C_p times as strong).

    Attributes:
        noise: ``"isotropic"`` or ``"orthogonal"`` (projected off the signals).
        signals: ``"opposite"``, ŷμ for one μ, or ``"orthogonal"``, μ₊ and μ₋.
        signal_norm: ‖μ‖.
        noise_std: standard deviation σ_p of the noise tokens, per coordinate.
        noise_tokens: how many noise tokens a sample has, M - 1.
        strong_factor: how many times σ_p the first noise token has (Jiang's C_p).

    Example:
        >>> mixture = SignalNoise(noise_tokens=2, strong_factor=5.0).mixture()
        >>> mixture.noise_stds.tolist(), mixture.means[1].tolist()
        ([0.0, 0.25, 0.05], [[-1.0], [0.0], [0.0]])
    """

    name: ClassVar[str] = "signal_noise"
    source: ClassVar[str] = "Cao et al. 2022, Kou et al. 2023, Jiang et al. 2024"

    signals: Literal["opposite", "orthogonal"] = "opposite"
    signal_norm: Length = 1.0
    noise_std: Length = 0.05
    noise_tokens: Annotated[int, Field(ge=1, le=1000)] = 1
    strong_factor: Positive = 1.0

    def mixture(self) -> Mixture:
        """The signal alone in the first slot, noise alone in the others."""
        columns = {"opposite": [[1.0], [-1.0]], "orthogonal": [[1.0, 0.0], [0.0, 1.0]]}
        first = np.array(columns[self.signals])
        means = np.zeros((2, 1 + self.noise_tokens, first.shape[1]))
        means[:, 0] = first
        stds = np.full(1 + self.noise_tokens, self.noise_std)
        stds[0] = 0.0
        stds[1] *= self.strong_factor
        return Mixture(
            norms=np.full(first.shape[1], self.signal_norm),
            labels=np.array([1, -1]),
            means=means,
            noise_stds=stds,
            orthogonal=self.noise == "orthogonal",
        )


LAW = SignalNoise
