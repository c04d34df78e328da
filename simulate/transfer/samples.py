"""Samples: tokens and labels of the training and test sets of one run."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..data.signal_noise import noise_tokens, signal_rows
from ..problem import Problem
from ..randomness import Stream, generator
from .label_noise import LabelNoise

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Samples:
    """One run's data, at their real dimensions.

    Attributes:
        tokens: (N, M, d) training tokens.
        true: (N,) true labels ±1.
        observed: (N,) labels after flips.
        is_signal: (N, M) which tokens are signals.
        test_tokens: (T, M, d) fresh samples: every fresh noise draw beside each class's signal.
        test_true: (T,) their true labels.
        test_weight: (T,) their probabilities, which sum to 1.
        test_flip: (T,) probability that each one's label is flipped.
        chances: (N,) probability that each training label is flipped.
        signals: (K, d) the classes' signals.
        signs: (K,) the classes' labels.
    """

    tokens: Array
    true: Array
    observed: Array
    is_signal: NDArray[np.bool_]
    test_tokens: Array
    test_true: Array
    test_weight: Array
    test_flip: Array
    chances: Array
    signals: Array
    signs: Array


@dataclass(frozen=True)
class NoiseLaw:
    """Gaussian noise of the problem: isotropic, or orthogonal to the signals.

    A law keeps E‖ξ‖² = σ_p² d, so that SNR means the same.
    """

    def tokens(self, rng: np.random.Generator, problem: Problem, count: int) -> Array:
        """(count, d) noise tokens."""
        return noise_tokens(rng, problem, count, problem.dim)


@dataclass(frozen=True)
class SampleLaw:
    """Signal and noise (Definition 3.1, STATED), with what departures change.

    Attributes:
        tokens: M, tokens of a sample; with more than two they are in random order.
        signal_tokens: how many of them are the signal.
        noise: law of the noise tokens.
        angle: between the two signals, in degrees.
        balance: probability of the label +1, for two classes.
        classes: K; with more than two the first is told from the others, all equally likely.

    Example:
        >>> problem = Problem(n_samples=4, dim=6, test_tokens=3)
        >>> samples = SampleLaw().draw(problem, 0, LabelNoise())
        >>> weight = round(samples.test_weight.sum().item(), 9)
        >>> samples.tokens.shape, samples.test_tokens.shape, weight
        ((4, 2, 6), (6, 2, 6), 1.0)
    """

    tokens: int = 2
    signal_tokens: int = 1
    noise: NoiseLaw = field(default_factory=NoiseLaw)
    angle: float = 90.0
    balance: float = 0.5
    classes: int = 2

    def draw(self, problem: Problem, run: int, labels: LabelNoise) -> Samples:
        """The samples of one run; without a departure those of the ``direct`` engine."""
        p, each = problem, self.tokens - self.signal_tokens
        signals, signs = self.signals(p), np.where(np.arange(self.classes) == 0, 1.0, -1.0)
        noise = self._noise(p, run, Stream.TRAIN_TOKENS, Stream.MORE_TOKENS, p.n_samples, each)
        fresh = self._noise(
            p, run, Stream.TEST_TOKENS, Stream.MORE_TEST_TOKENS, p.test_tokens, each
        )
        rng = generator(p, run, Stream.LABELS)
        kind = self._kinds(rng, p.n_samples)
        kinds = np.repeat(np.arange(self.classes), p.test_tokens)
        places = generator(p, run, Stream.PLACES)
        tokens, is_signal = self._place(places, signals[kind], noise)
        test_tokens, _ = self._place(places, signals[kinds], np.tile(fresh, (self.classes, 1, 1)))
        chances = labels.chances(p.flip_prob, signs[kind], ranks(noise, noise))
        flipped = rng.random(p.n_samples) < chances
        share = self._shares()[kinds] / p.test_tokens
        test_rank = np.tile(ranks(fresh, noise), self.classes)
        return Samples(
            tokens=tokens,
            true=signs[kind],
            observed=np.where(flipped, -signs[kind], signs[kind]),
            is_signal=is_signal,
            test_tokens=test_tokens,
            test_true=signs[kinds],
            test_weight=share,
            test_flip=labels.chances(p.flip_prob, signs[kinds], test_rank),
            chances=chances,
            signals=signals,
            signs=signs,
        )

    def signals(self, problem: Problem) -> Array:
        """(K, d) signals of equal length; the first two span the first two axes."""
        rows = np.zeros((self.classes, problem.dim))
        rows[:2] = signal_rows(problem, problem.dim)
        if self.angle != 90.0:
            turned = np.deg2rad(self.angle)
            rows[1, :2] = problem.signal_norm * np.array([np.cos(turned), np.sin(turned)])
        for rank in range(2, self.classes):
            rows[rank, rank] = problem.signal_norm
        return rows

    def _shares(self) -> Array:
        if self.classes == 2:
            return np.array([self.balance, 1.0 - self.balance])
        return np.full(self.classes, 1.0 / self.classes)

    def _kinds(self, rng: np.random.Generator, count: int) -> IntArray:
        """(count,) class of each sample; class 0 is a 1 of `draw_labels`."""
        if self.classes == 2 and self.balance == 0.5:
            return np.asarray(1 - rng.integers(0, 2, count))
        return np.searchsorted(np.cumsum(self._shares())[:-1], rng.random(count), side="right")

    def _noise(
        self, problem: Problem, run: int, stream: Stream, more: Stream, count: int, each: int
    ) -> Array:
        """(count, each, d) noise; the first token of each sample from the model's own stream."""
        first = self.noise.tokens(generator(problem, run, stream), problem, count)[:, None]
        if each == 1:
            return first
        rng = generator(problem, run, more)
        rest = self.noise.tokens(rng, problem, count * (each - 1))
        return np.concatenate([first, rest.reshape(count, each - 1, -1)], axis=1)

    def _place(
        self, rng: np.random.Generator, signal: Array, noise: Array
    ) -> tuple[Array, NDArray[np.bool_]]:
        """(count, M, d) tokens, and which are signals: first of two, at random among more."""
        front = np.repeat(signal[:, None], self.signal_tokens, axis=1)
        tokens = np.concatenate([front, noise], axis=1)
        is_signal = np.zeros(tokens.shape[:2], dtype=bool)
        is_signal[:, : self.signal_tokens] = True
        if self.tokens > 2:
            order = rng.random(is_signal.shape).argsort(axis=1)
            tokens = np.take_along_axis(tokens, order[:, :, None], axis=1)
            is_signal = np.take_along_axis(is_signal, order, axis=1)
        return tokens, is_signal


def ranks(noise: Array, among: Array) -> Array:
    """(n,) in (0, 1): the share of samples whose first noise token is shorter.

    >>> ranks(np.array([[[2.0]], [[1.0]]]), np.array([[[2.0]], [[1.0]]])).tolist()
    [0.75, 0.25]
    """
    length, others = (np.linalg.norm(part[:, 0], axis=1) for part in (noise, among))
    below = (others[None, :] < length[:, None]).sum(axis=1)
    ties = (others[None, :] == length[:, None]).sum(axis=1)
    return np.asarray((below + 0.5 * ties) / len(others))
