"""Logged quantities of a model, from products and weights: the same for both engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..model_problem import ModelProblem
from ..observables import share_limits
from ..randomness import Stream, generator
from .draws import Samples
from .layout import Layout
from .losses import LOSSES

Array = NDArray[np.float64]

#: Most numbers of fresh tokens worked on at once.
_AT_ONCE = 4_000_000


class State(NamedTuple):
    """R runs at one step.

    Attributes:
        products: (R, n, k) H = Z W.
        noise_weights: (R, k, k) Wᵀ P W, P the projection on the subspace of the noise: a fresh
            noise token of standard deviation σ has products N(0, σ² Wᵀ P W) with the columns.
        extra: the trained parameters that never meet the data.
    """

    products: Tensor
    noise_weights: Tensor
    extra: Mapping[str, Tensor]


@dataclass(frozen=True)
class FreshTokens:
    """The fresh noise of R runs, as standard normal numbers; the same at every log step.

    Attributes:
        normals: (R, M', m, k) for each noisy slot, draw and column.
    """

    normals: Tensor

    @classmethod
    def draw(cls, problem: ModelProblem, runs: Sequence[int], device: str) -> FreshTokens:
        """Draw them, each run from its own stream."""
        slots = len(problem.law.mixture().noisy)
        shape = (slots, problem.test_tokens, problem.network.start_stds().size)
        normals = [
            generator(problem, run, Stream.TEST_TOKENS).standard_normal(shape) for run in runs
        ]
        return cls(torch.tensor(np.stack(normals), device=device))

    def kept(self, which: Tensor) -> FreshTokens:
        """Only the marked runs."""
        return FreshTokens(self.normals[which])


@torch.no_grad()
def observe(
    problem: ModelProblem,
    state: State,
    layout: Layout,
    samples: Sequence[Samples],
    fresh: FreshTokens,
) -> tuple[dict[str, Array], NDArray[np.bool_]]:
    """Average a state of R runs into the logged quantities.

    Returns:
        One (R,) array per name, NaN for a mean over no sample; and (R,) whether every training
        output is finite.
    """
    observed = np.stack([run.observed for run in samples])
    flipped = np.stack([run.flipped for run in samples])
    tokens = layout.tokens(state.products)
    outputs = problem.network.forward(tokens, state.extra)
    margins = torch.tensor(observed, device=outputs.device) * outputs
    fits = _numpy(margins > 0)
    train = {
        "train_loss": _numpy(LOSSES[problem.loss](margins).mean(dim=1)),
        "fitted": fits.mean(axis=1),
        "fitted_flipped": _mean(fits, flipped),
        **_memory(problem, state),
    }
    own = {
        name: _numpy(value) for name, value in problem.network.observe(tokens, state.extra).items()
    }
    finite = _numpy(torch.isfinite(outputs).all(dim=1)) > 0
    return train | _test(problem, state, fresh) | own, finite


def _memory(problem: ModelProblem, state: State) -> dict[str, Array]:
    """Norm of the weights, and the largest product with a signal and with a noise token."""
    mixture = problem.law.mixture()
    norms = torch.tensor(mixture.norms, device=state.products.device)
    largest = state.products.abs().amax(dim=2)
    square = state.noise_weights.diagonal(dim1=1, dim2=2).sum(dim=1)
    if mixture.orthogonal:  # what the noise does not see lies along the signals
        along = state.products[:, : len(norms)] / norms[:, None]
        square = square + (along**2).sum(dim=(1, 2))
    return {
        "weight_norm": _numpy(square.clamp(min=0.0).sqrt()),
        "signal_memory": _numpy(largest[:, : len(norms)].mean(dim=1)),
        "noise_memory": _numpy(largest[:, len(norms) :].mean(dim=1)),
    }


def _test(problem: ModelProblem, state: State, fresh: FreshTokens) -> dict[str, Array]:
    """Averages over fresh samples: every component beside every draw of the noise."""
    runs, slots, draws, columns = fresh.normals.shape
    size = max(1, _AT_ONCE // (slots * draws * columns))
    parts = []
    for first in range(0, runs, size):
        rows = slice(first, first + size)
        extra = {name: value[rows] for name, value in state.extra.items()}
        part = State(state.products[rows], state.noise_weights[rows], extra)
        parts.append(torch.cat(list(fresh_margins(problem, part, fresh.normals[rows])), dim=1))
    margins = torch.cat(parts)
    p, loss = problem.flip_prob, LOSSES[problem.loss]
    unknown = margins.isnan().any(dim=1)
    failed = torch.where(unknown, torch.nan, (margins <= 0).double().mean(dim=1))
    zero = _numpy((margins == 0).double().mean(dim=1))
    mean_loss = (1.0 - p) * loss(margins).mean(dim=1)
    if p > 0:
        mean_loss = mean_loss + p * loss(-margins).mean(dim=1)
    share = _numpy(failed)
    low, high = share_limits(share, draws)
    return {
        "test_loss": _numpy(mean_loss),
        **{
            name: p + (1 - 2 * p) * value + p * zero
            for name, value in (
                ("test_error", share), ("test_error_low", low), ("test_error_high", high),
            )
        },
    }  # fmt: skip


def fresh_margins(problem: ModelProblem, state: State, normals: Tensor) -> list[Tensor]:
    """ŷf of fresh samples, (R, m) for each component of the data law.

    Args:
        problem: what was trained.
        state: R runs at one step.
        normals: (R, M', m, k) standard normal numbers.
    """
    mixture = problem.law.mixture()
    signals = state.products[:, : len(mixture.norms)]
    noise = normals @ _root(state.noise_weights)[:, None]
    margins = []
    for label, means in zip(mixture.labels, mixture.means, strict=True):
        tokens = torch.tensor(means, device=noise.device) @ signals  # (R, M, k)
        tokens = tokens[:, :, None].repeat(1, 1, normals.shape[2], 1)
        for rank, slot in enumerate(mixture.noisy):
            tokens[:, slot] += float(mixture.noise_stds[slot]) * noise[:, rank]
        margins.append(float(label) * problem.network.forward(tokens, state.extra))
    return margins


def _root(squares: Tensor) -> Tensor:
    """Symmetric square roots of (R, k, k) Gram matrices; NaN where one is not finite."""
    known = torch.isfinite(squares).all(dim=2).all(dim=1)
    values, vectors = torch.linalg.eigh(torch.where(known[:, None, None], squares, 0.0))
    roots = (vectors * values.clamp(min=0.0).sqrt()[:, None, :]) @ vectors.mT
    return torch.where(known[:, None, None], roots, torch.nan)


def _numpy(values: Tensor) -> Array:
    return np.asarray(values.detach().cpu().numpy(), dtype=np.float64)


def _mean(values: Array, where: NDArray[np.bool_]) -> Array:
    """Mean over the marked entries of each row, NaN where no entry is marked."""
    count = where.sum(axis=1)
    total = np.where(where, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
