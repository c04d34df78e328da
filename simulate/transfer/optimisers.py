"""Optimisers: from gradients to weights, for a batch of runs at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

#: What an optimiser keeps between steps, by name: a tensor for each weight.
Memory = dict[str, list[Tensor]]


@dataclass(frozen=True)
class Optimiser:
    """Full-batch gradient descent, the paper's.

    Attributes:
        batch_size: samples of a step, drawn without replacement; 0 for all.
        rotation_invariant: whether a rotation of the tokens and of W(0) rotates the training; it
            can then take place in the span of the training tokens.

    Example:
        >>> import torch
        >>> weight, rate = torch.ones(1, 2), torch.full((1,), 0.5)
        >>> Optimiser().step([weight], [torch.ones(1, 2)], rate, {}, 0)
        >>> weight.tolist()
        [[0.5, 0.5]]
    """

    rotation_invariant: ClassVar[bool] = True
    batch_size: int = 0

    def step(
        self, weights: Sequence[Tensor], gradients: Sequence[Tensor], rate: Tensor,
        memory: Memory, taken: int,
    ) -> None:  # fmt: skip
        """Change the weights in place.

        Args:
            weights: each with a leading run axis.
            gradients: of the loss in each weight.
            rate: (R,) step size of each run.
            memory: kept between steps, empty before the first.
            taken: steps taken before.
        """
        for weight, gradient in zip(weights, gradients, strict=True):
            weight -= shaped(rate, weight) * gradient

    def kept(self, rate: Tensor) -> Tensor | float:
        """(R,) factor that a step leaves of a weight on which the loss does not depend."""
        return 1.0


def shaped(rate: Tensor, weight: Tensor) -> Tensor:
    """(R,) numbers with the axes they need to meet a weight."""
    return rate.reshape(-1, *[1] * (weight.ndim - 1))
