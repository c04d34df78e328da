"""The two-layer ReLU CNN: each patch through the same filters, the second layer fixed at ±1/m."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ..fields import NonNegative
from ._model import Model

if TYPE_CHECKING:
    from torch import Tensor


class ReluCnn(Model):
    """f = F₊ - F₋, F_j = (1/m) Σ_r Σ_l σ(⟨w_{j,r}, x_l⟩), σ(z) = max(0, z)^q.

    Source: Cao et al. 2022 for q > 2, Kou et al. 2023 and Han et al. 2025 for q = 1, Huang et al.
    2025 for q = 2 (architecture RECALLED, corroborated by papers that cite it).

    Attributes:
        power: the exponent q.
        neurons: filters m on each side.
        init_std: standard deviation σ_0 of the filters' entries.

    Example:
        >>> import torch
        >>> net = ReluCnn(power=2, neurons=1)
        >>> tokens = torch.tensor([[[[3.0, 1.0]], [[-1.0, 2.0]]]])  # one sample of two patches
        >>> net.forward(tokens, {}).tolist()  # 3² - (1² + 2²)
        [[4.0]]
    """

    name: ClassVar[str] = "relu_cnn"
    source: ClassVar[str] = "Cao et al. 2022 (q > 2), Kou et al. 2023 (q = 1), Huang et al. 2025"
    symbols: ClassVar[Mapping[str, str]] = {
        "power": "q", "neurons": "m", "init_std": "sigma_0",
    }  # fmt: skip

    power: Annotated[int, Field(ge=1, le=16)] = 1
    neurons: Annotated[int, Field(ge=1, le=10_000)] = 10
    init_std: NonNegative = 0.01

    def start_stds(self) -> NDArray[np.float64]:
        """The same for every filter, those of class +1 first."""
        return np.full(2 * self.neurons, self.init_std)

    def forward(self, tokens: Tensor, extra: Mapping[str, Tensor]) -> Tensor:
        """Sum over patches, mean over filters, class +1 minus class -1."""
        active = tokens.relu()
        if self.power > 1:
            active = active**self.power
        sides = tokens.new_full((2 * self.neurons,), 1.0 / self.neurons)
        sides[self.neurons :] *= -1.0
        return (active @ sides).sum(dim=1)


MODEL = ReluCnn
