"""The linear classifier f = ⟨w, x⟩, the model whose test error is known in closed form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..fields import NonNegative
from ._model import Model

if TYPE_CHECKING:
    from torch import Tensor


class Linear(Model):
    """f = ⟨w, Σ_l x_l⟩; on clusters its error is Φ(-⟨w, μ⟩/(σ_p‖w‖)) (DERIVED).

    Source: the linear case of Karhadkar et al. 2024 (SEEN).

    Attributes:
        init_std: standard deviation of the entries of w(0); 0 starts at the origin.

    Example:
        >>> import torch
        >>> Linear().forward(torch.tensor([[[[2.0], [3.0]]]]), {}).tolist()
        [[2.0, 3.0]]
    """

    name: ClassVar[str] = "linear"
    source: ClassVar[str] = "linear case of Karhadkar et al. 2024"
    default_data: ClassVar[str] = "cluster"
    symbols: ClassVar[Mapping[str, str]] = {"init_std": "sigma_0"}

    init_std: NonNegative = 0.0

    def start_stds(self) -> NDArray[np.float64]:
        """One column."""
        return np.array([self.init_std])

    def forward(self, tokens: Tensor, extra: Mapping[str, Tensor]) -> Tensor:
        """Sum over tokens."""
        return tokens[..., 0].sum(dim=1)


MODEL = Linear
