"""Kinds of attention: from logits to the weights with which values are added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor


@dataclass(frozen=True)
class Attention:
    """The paper's softmax over keys, without 1/√d_h.

    Attributes:
        single_query: one trained query vector instead of the mean over all tokens as queries.
        scaled: whether logits are divided by √d_h (of a head).

    Example:
        >>> Attention().weights(torch.zeros(1, 2)).tolist()
        [[0.5, 0.5]]
    """

    single_query: ClassVar[bool] = False
    scaled: ClassVar[bool] = False

    def weights(self, logits: Tensor) -> Tensor:
        """Weights over the last axis, from logits of the same shape."""
        return torch.softmax(logits, dim=-1)
