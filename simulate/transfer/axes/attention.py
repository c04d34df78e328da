"""Other attention than softmax over keys.

The dose of linear, ReLU and sigmoid attention is the standard deviation of the first W_Q and W_K in
units of the base's: without softmax, attention has the scale of these weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ..attention import Attention
from ..axis import Axis, Departure


@dataclass(frozen=True)
class Scaled(Attention):
    """Softmax of logits over √d_h."""

    scaled: ClassVar[bool] = True


@dataclass(frozen=True)
class SingleQuery(Attention):
    """Softmax with one trained query for all samples."""

    single_query: ClassVar[bool] = True


@dataclass(frozen=True)
class Linear(Attention):
    """Uniform attention plus the logits over the number of keys.

    >>> Linear().weights(torch.tensor([[2.0, 0.0]])).tolist()
    [[1.5, 0.5]]
    """

    def weights(self, logits: Tensor) -> Tensor:
        """(1 + logit)/M: softmax to first order."""
        return (1 + logits) / logits.shape[-1]


@dataclass(frozen=True)
class ReLU(Attention):
    """Positive parts of 1 + logits, over the number of keys.

    >>> ReLU().weights(torch.tensor([[2.0, -3.0]])).tolist()
    [[1.5, 0.0]]
    """

    def weights(self, logits: Tensor) -> Tensor:
        """max(0, 1 + logit)/M."""
        return torch.relu(1 + logits) / logits.shape[-1]


@dataclass(frozen=True)
class Sigmoid(Attention):
    """Logistic function of each logit, no competition among keys.

    >>> Sigmoid().weights(torch.zeros(1, 2)).tolist()
    [[0.5, 0.5]]
    """

    def weights(self, logits: Tensor) -> Tensor:
        """σ(logit)·2/M."""
        return torch.sigmoid(logits) * 2 / logits.shape[-1]


def _kind(kind: str, attention: Attention, scale: float, full: bool) -> Departure:
    return Departure(
        kind,
        scale,
        f"W_Q, W_K × {scale:g}",
        lambda base: base.replace(
            attention=attention, init_std_qk=scale * base.problem.init_std_qk
        ),
        full,
    )


_KINDS = (
    ("softmax over √d_h", Scaled()),
    ("linear attention", Linear()),
    ("ReLU attention", ReLU()),
    ("sigmoid attention", Sigmoid()),
    ("single query", SingleQuery()),
)

#: Kinds of which preset quick trains one dose.
_ONE_DOSE = ("softmax over √d_h", "ReLU attention", "sigmoid attention")

AXIS = Axis(
    title="attention",
    about="the rule from logits to weights; with start weights as in the base, and other scales",
    departures=tuple(
        _kind(kind, attention, scale, scale in (0.5, 4.0) or (scale == 2.0 and kind in _ONE_DOSE))
        for kind, attention in _KINDS
        for scale in (0.5, 1.0, 2.0, 4.0)
    ),
)
