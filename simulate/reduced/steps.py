"""What is drawn afresh in every step: minibatches and label noise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..model_problem import ModelProblem
from ..randomness import Stream, generator

#: Steps drawn ahead.
_AHEAD = 64


class StepDraw(NamedTuple):
    """One step's draws; each (R, N), None where the problem has none.

    Attributes:
        weights: 1/B for the samples in the batch, 0 for the others.
        signs: -1 where a label is flipped in this step alone, else 1.
    """

    weights: Tensor | None
    signs: Tensor | None


class StepDraws:
    """The draws of R runs, one step after the other.

    Each run has streams of its own, so its draws depend neither on the runs beside it nor on when
    it is logged.

    Args:
        problem: with its ``batch_size`` and ``label_noise``.
        runs: run indices.
        device: a torch device.

    Example:
        >>> from bofcheck.simulate import make_problem
        >>> problem = make_problem(model="linear", n_samples=6, batch_size=2)
        >>> draw = StepDraws(problem, [0, 1], "cpu").next()
        >>> draw.weights.sum(dim=1).tolist(), draw.signs
        ([1.0, 1.0], None)
    """

    def __init__(self, problem: ModelProblem, runs: Sequence[int], device: str) -> None:
        self._problem, self._device = problem, device
        batched = 0 < problem.batch_size < problem.n_samples
        self._batches = [generator(problem, run, Stream.BATCHES) for run in runs if batched]
        noisy = problem.label_noise > 0
        self._noise = [generator(problem, run, Stream.LABEL_NOISE) for run in runs if noisy]
        self._weights: Tensor | None = None
        self._signs: Tensor | None = None
        self._at = _AHEAD

    def next(self) -> StepDraw:
        """The draws of the next step."""
        if not self._batches and not self._noise:
            return StepDraw(None, None)
        if self._at == _AHEAD:
            self._draw()
        at = self._at
        self._at += 1
        return StepDraw(
            None if self._weights is None else self._weights[at],
            None if self._signs is None else self._signs[at],
        )

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Keep only the marked runs."""
        for streams in (self._batches, self._noise):
            if streams:
                streams[:] = [one for one, kept in zip(streams, which, strict=True) if kept]
        chosen = torch.as_tensor(which, device=self._device)
        self._weights = None if self._weights is None else self._weights[:, chosen]
        self._signs = None if self._signs is None else self._signs[:, chosen]

    def _draw(self) -> None:
        """Draw the next steps of every run."""
        self._at = 0
        shape = (_AHEAD, self._problem.n_samples)
        if self._batches:
            size = self._problem.batch_size
            uniform = np.stack([stream.random(shape) for stream in self._batches], axis=1)
            chosen = np.argpartition(uniform, size - 1, axis=2)[:, :, :size]
            weights = np.zeros_like(uniform)
            np.put_along_axis(weights, chosen, 1.0 / size, axis=2)
            self._weights = torch.tensor(weights, device=self._device)
        if self._noise:
            uniform = np.stack([stream.random(shape) for stream in self._noise], axis=1)
            signs = np.where(uniform < self._problem.label_noise, -1.0, 1.0)
            self._signs = torch.tensor(signs, device=self._device)
