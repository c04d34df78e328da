"""Losses of a margin m = y f."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import logsigmoid


@dataclass(frozen=True)
class Loss:
    """The paper's logistic loss.

    Example:
        >>> import torch
        >>> round(Loss().of(torch.zeros(1)).item(), 4)
        0.6931
    """

    def of(self, margin: Tensor) -> Tensor:
        """The loss of each margin."""
        # logsigmoid keeps full precision where softplus switches to its asymptote
        return -logsigmoid(margin)
