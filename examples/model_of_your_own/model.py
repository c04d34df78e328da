"""A model that bofcheck does not ship: a two-layer network with a smooth activation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bofcheck.simulate.models import Model


class Softplus(Model):
    """f = (1/m) sum of log(1 + exp(<w_r, x>)) over filters of class +1, less that of -1."""

    name: ClassVar[str] = "softplus"
    source: ClassVar[str] = "this example"
    default_data: ClassVar[str] = "cluster"

    neurons: int = 8
    init_std: float = 1e-3

    def start_stds(self) -> NDArray[np.float64]:
        """The same for every filter, those of class +1 first."""
        return np.full(2 * self.neurons, self.init_std)

    def forward(self, tokens: Tensor, extra: Mapping[str, Tensor]) -> Tensor:
        """(R, N) outputs from the (R, M, N, k) products of tokens with the filters."""
        active = torch.nn.functional.softplus(tokens)
        positive, negative = active[..., : self.neurons], active[..., self.neurons :]
        outputs: Tensor = (positive.mean(dim=-1) - negative.mean(dim=-1)).sum(dim=1)
        return outputs


MODEL = Softplus
