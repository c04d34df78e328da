"""`Architecture`: layers, heads and what is between them, as a forward pass of a batch of runs.

The first layer is the paper's: softmax(x W_Q W_Kᵀ Xᵀ) X W_V for every token as query, and w_O at
the end (§2, SOURCE). It alone meets the d-dimensional tokens. Deeper layers act on its outputs of
width d_v: attention and a multilayer perceptron, each with a residual and a layer norm before it
if there are any.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..problem import Problem
from .attention import Attention

Array = NDArray[np.float64]

#: Added to a variance by a layer norm, as in torch.nn.LayerNorm.
_EPSILON = 1e-5
#: Standard deviation of the entries of deeper W_Q and W_K, in units of 1/√d_v.
_DEEPER_QK = 0.25
#: Tokens of a sample up to which attention is a sum over entries.
_FEW = 3


@dataclass(frozen=True)
class Architecture:
    """Layers and heads; one attention layer of one head is the paper's model.

    Attributes:
        depth: attention layers.
        heads: of every layer; they divide d_h and d_v among them.
        residual: whether deeper layers add to their input.
        layer_norm: whether the input of deeper attention and of perceptrons is normalised.
        mlp: whether every layer is followed by a perceptron of 2 d_v hidden units.

    Example:
        >>> sorted(Architecture(depth=2).deeper_weights(np.random.default_rng(0), Problem()))
        ['K2', 'Q2', 'V2']
    """

    depth: int = 1
    heads: int = 1
    residual: bool = True
    layer_norm: bool = False
    mlp: bool = False

    @property
    def has_values(self) -> bool:
        """Whether f is linear in the values V = x W_V w_O, so that V_± and V_n mean something."""
        return self.depth == 1 and not self.mlp

    def deeper_weights(self, rng: np.random.Generator, problem: Problem) -> dict[str, Array]:
        """Weights of everything above the first layer, of one run.

        Args:
            rng: of the run.
            problem: for its widths.
        """
        wide, key, hidden = problem.value_dim, problem.key_dim, 2 * problem.value_dim
        unit = wide**-0.5
        weights = {}
        for layer in range(1, self.depth + 1):
            if layer > 1:
                weights[f"Q{layer}"] = _DEEPER_QK * unit * rng.standard_normal((wide, key))
                weights[f"K{layer}"] = _DEEPER_QK * unit * rng.standard_normal((wide, key))
                weights[f"V{layer}"] = unit * rng.standard_normal((wide, wide))
            if self.mlp:
                weights[f"in{layer}"] = unit * rng.standard_normal((wide, hidden))
                weights[f"out{layer}"] = hidden**-0.5 * rng.standard_normal((hidden, wide))
        return weights

    def forward(
        self, queries: Tensor, keys: Tensor, values: Tensor, weights: Mapping[str, Tensor],
        attention: Attention,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        """Outputs and the first layer's attention.

        Args:
            queries: (R, n, M, d_h) first-layer queries, or (R, n, 1, d_h) of a single query.
            keys: (R, n, M, d_h) keys.
            values: (R, n, M, d_v) values.
            weights: ``w_O`` (R, d_v), and those of deeper layers with a leading run axis.
            attention: from logits to weights.

        Returns:
            (R, n) outputs, and (R, n, heads, queries, M) attention.
        """
        out, first = self._attend(queries, keys, values, attention)
        out = self._perceptron(out, weights, 1)
        for layer in range(2, self.depth + 1):
            normed = self._normed(out)
            here = [_times(normed, weights[f"{part}{layer}"]) for part in "QKV"]
            added, _ = self._attend(here[0], here[1], here[2], attention)
            out = out + added if self.residual else added
            out = self._perceptron(out, weights, layer)
        mean = out.mean(dim=2)
        return (mean @ weights["w_O"][:, :, None])[:, :, 0], first

    def _attend(
        self, queries: Tensor, keys: Tensor, values: Tensor, attention: Attention
    ) -> tuple[Tensor, Tensor]:
        q, k, v = (self._split(part) for part in (queries, keys, values))
        few = k.shape[-2] <= _FEW
        logits = (q[..., :, None, :] * k[..., None, :, :]).sum(-1) if few else q @ k.mT
        if attention.scaled:
            logits = logits / q.shape[-1] ** 0.5
        weights = attention.weights(logits)
        # products of many tiny matrices are slower than sums over their entries
        mixed = (weights[..., None] * v[..., None, :, :]).sum(-2) if few else weights @ v
        return mixed.transpose(2, 3).flatten(3), weights

    def _split(self, part: Tensor) -> Tensor:
        """(R, n, heads, M, width of a head)."""
        return part.reshape(*part.shape[:-1], self.heads, -1).transpose(2, 3)

    def _normed(self, out: Tensor) -> Tensor:
        if not self.layer_norm:
            return out
        return torch.nn.functional.layer_norm(out, out.shape[-1:], eps=_EPSILON)

    def _perceptron(self, out: Tensor, weights: Mapping[str, Tensor], layer: int) -> Tensor:
        if not self.mlp:
            return out
        hidden = torch.relu(_times(self._normed(out), weights[f"in{layer}"]))
        added = _times(hidden, weights[f"out{layer}"])
        return out + added if self.residual else added


def _times(x: Tensor, weight: Tensor) -> Tensor:
    """(R, n, M, a) times (R, a, b)."""
    return (x.flatten(1, 2) @ weight).reshape(*x.shape[:3], -1)
