"""`train_settings`: automatic differentiation of many runs at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..randomness import Stream, generator
from ..schedule import log_steps
from .batch import Batch, start_batch
from .curves import MEANINGS, Curves
from .observe import observe
from .optimisers import Memory
from .setting import Setting

Array = NDArray[np.float64]

#: Steps whose batches or labels are drawn at once.
_CHUNK = 64


def train_settings(
    settings: Setting | Sequence[Setting],
    *,
    runs: int | Sequence[Sequence[int]],
    steps: int,
    log_at: str | Iterable[int] = "geometric:32",
    progress: Callable[[int], None] | None = None,
) -> list[Curves]:
    """Train settings of one shape together.

    Args:
        settings: equal but for scales and step sizes of their problems.
        runs: run indices of each setting, or how many.
        steps: gradient steps.
        log_at: as for `bofcheck.simulate.train`.
        progress: called with the steps taken at each log step.

    Returns:
        The curves of each setting. A run that is no longer finite is NaN from then on.

    Example:
        >>> from bofcheck.simulate import Problem
        >>> problem = Problem(n_samples=4, dim=30, key_dim=4, value_dim=4, start="materialised")
        >>> (curves,) = train_settings(Setting(problem), runs=1, steps=20, log_at=[20])
        >>> bool(curves["objective"][0, -1] < curves["objective"][0, 0])
        True
    """
    whole = [settings] if isinstance(settings, Setting) else list(settings)
    indices = [range(runs)] * len(whole) if isinstance(runs, int) else [list(part) for part in runs]
    batch = start_batch(
        [(setting, run) for setting, part in zip(whole, indices, strict=True) for run in part]
    )
    logged = log_steps(log_at, steps)
    count = len(batch.runs)
    log = {name: np.full((count, len(logged)), np.nan) for name in MEANINGS}
    diverged = np.full(count, -1, dtype=np.int64)
    trainer = _Trainer(batch)
    for column, step in enumerate(logged):
        trainer.advance(int(step))
        values, finite = observe(batch)
        for name in MEANINGS:
            log[name][:, column] = values[name]
        diverged[~finite & (diverged < 0)] = step
        if progress is not None:
            progress(int(step))
    curves, first = [], 0
    for part in indices:
        rows = slice(first, first + len(part))
        cut = {name: values[rows] for name, values in log.items()}
        curves.append(Curves(logged, cut, diverged[rows], batch.in_span))
        first += len(part)
    return curves


class _Trainer:
    """Takes steps of a batch, with the draws that a step needs."""

    def __init__(self, batch: Batch) -> None:
        self.batch, self.taken = batch, 0
        self.memory: Memory = {}
        pieces = batch.settings[0]
        self._size, self._fresh = pieces.optimiser.batch_size, pieces.labels.fresh
        keyed = [(s.problem, run) for s, run in zip(batch.settings, batch.runs, strict=True)]
        self._batches = [generator(p, run, Stream.BATCHES) for p, run in keyed]
        self._flips = [generator(p, run, Stream.LABEL_NOISE) for p, run in keyed]
        self._share: Tensor | None = None
        self._labels: Tensor | None = None

    def advance(self, until: int) -> None:
        """Take steps until so many have been taken."""
        batch, pieces = self.batch, self.batch.settings[0]
        trained = [batch.weights[name].requires_grad_() for name in batch.trained]
        while self.taken < until:
            at = self.taken % _CHUNK
            if at == 0:
                self._draw()
            y = batch.observed if self._labels is None else self._labels[:, at]
            losses = pieces.loss.of(y * batch.outputs()[0])
            loss = losses.mean(1) if self._share is None else (losses * self._share[:, at]).sum(1)
            gradients = torch.autograd.grad(loss.sum(), trained)
            with torch.no_grad():
                pieces.optimiser.step(trained, gradients, batch.rate, self.memory, self.taken)
                batch.left = batch.left * pieces.optimiser.kept(batch.rate)
            self.taken += 1

    def _draw(self) -> None:
        """Batches and labels of the next steps."""
        n = self.batch.observed.shape[1]
        if 0 < self._size < n:
            order = np.stack([rng.random((_CHUNK, n)).argsort(axis=1) for rng in self._batches])
            self._share = torch.from_numpy((order < self._size) / self._size)
        if self._fresh:
            chances = np.stack([one.chances for one in self.batch.samples])[:, None]
            drawn = np.stack([rng.random((_CHUNK, n)) for rng in self._flips])
            sign = torch.from_numpy(np.where(drawn < chances, -1.0, 1.0))
            self._labels = self.batch.true[:, None] * sign
