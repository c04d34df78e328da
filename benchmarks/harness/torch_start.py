"""The start shared by all torch contenders: tokens, labels and weights of a batch of runs."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .cell import Cell


@dataclass(frozen=True)
class TorchStart:
    """Tokens and weights of R runs of Definition 3.1 (STATED), Gaussian weights (§3).

    Attributes:
        tokens: (R, N, 2, d) signal and noise token of each sample.
        labels: (R, N) labels, ±1.
        weights: ``W_Q``, ``W_K``, ``W_V`` (R, d, d) and ``w_O`` (R, d) of norm 1.
    """

    tokens: Tensor
    labels: Tensor
    weights: dict[str, Tensor]


def draw_start(cell: Cell, runs: int, dtype: torch.dtype, device: str) -> TorchStart:
    """Draw the start of runs 0 … R-1.

    >>> start = draw_start(Cell(n_samples=4, dim=8), 3, torch.float32, "cpu")
    >>> tuple(start.tokens.shape), tuple(start.weights["W_Q"].shape)
    ((3, 4, 2, 8), (3, 8, 8))
    """
    generator = torch.Generator(device).manual_seed(0)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=dtype, device=device)

    n, d = cell.n_samples, cell.dim
    labels = torch.where(normal(runs, n) > 0, 1.0, -1.0).to(dtype)
    tokens = torch.zeros(runs, n, 2, d, dtype=dtype, device=device)
    tokens[:, :, 0, 0] = (labels > 0).to(dtype)  # orthogonal signals of norm 1
    tokens[:, :, 0, 1] = (labels < 0).to(dtype)
    tokens[:, :, 1] = normal(runs, n, d).mul_(cell.noise_std)
    output = normal(runs, d)
    weights = {
        "W_Q": normal(runs, d, d).mul_(cell.init_std_qk),
        "W_K": normal(runs, d, d).mul_(cell.init_std_qk),
        "W_V": normal(runs, d, d).mul_(cell.init_std_v),
        "w_O": output / output.norm(dim=1, keepdim=True),
    }
    return TorchStart(tokens, labels, weights)
