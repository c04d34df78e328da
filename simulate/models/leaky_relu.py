"""The two-layer leaky ReLU network, its second layer fixed at ± the same number or trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ..fields import NonNegative, Positive
from ._model import Model

if TYPE_CHECKING:
    from torch import Tensor


class LeakyRelu(Model):
    """f = Σ_j a_j φ(⟨w_j, Σ_l x_l⟩), φ(z) = max(αz, z), a_j = ±‖a‖/√(2m).

    Source: Frei, Chatterji, Bartlett 2022 with ‖a‖ = 1 (RECALLED; theirs is smooth at 0);
    Karhadkar et al. 2024 with ‖a‖ = √(2m), hinge loss (SEEN; their loss is a sum over samples, so
    their step size is ours divided by N).

    Attributes:
        slope: α in (0, 1], the slope for z < 0; 1 is a linear network.
        neurons: neurons m on each side.
        init_std: standard deviation of the first layer's entries.
        output_norm: ‖a‖ at the start.
        train_output: whether a is trained too.

    Example:
        >>> import torch
        >>> net = LeakyRelu(slope=0.5, neurons=1, output_norm=2.0**0.5)
        >>> net.forward(torch.tensor([[[[4.0, -2.0]]]]), {}).round(decimals=12).tolist()  # 4 + 1
        [[5.0]]
    """

    name: ClassVar[str] = "leaky_relu"
    source: ClassVar[str] = "Frei, Chatterji, Bartlett 2022; Karhadkar et al. 2024"
    default_data: ClassVar[str] = "cluster"
    symbols: ClassVar[Mapping[str, str]] = {
        "slope": "alpha", "neurons": "m", "init_std": "sigma_0", "output_norm": "w",
    }  # fmt: skip

    slope: Annotated[float, Field(gt=0, le=1)] = 0.1
    neurons: Annotated[int, Field(ge=1, le=10_000)] = 10
    init_std: NonNegative = 0.01
    output_norm: Positive = 1.0
    train_output: bool = False

    def start_stds(self) -> NDArray[np.float64]:
        """The same for every neuron, those with a positive a_j first."""
        return np.full(2 * self.neurons, self.init_std)

    def start_extra(self, rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
        """The second layer, where it is trained."""
        return {"output": self._output()} if self.train_output else {}

    def forward(self, tokens: Tensor, extra: Mapping[str, Tensor]) -> Tensor:
        """Both layers."""
        products = tokens.sum(dim=1)
        active = products.maximum(self.slope * products)
        if self.train_output:
            return (active @ extra["output"][:, :, None])[..., 0]
        return active @ tokens.new_tensor(self._output())

    def _output(self) -> NDArray[np.float64]:
        signs = np.repeat([1.0, -1.0], self.neurons)
        return np.asarray(signs * self.output_norm / np.sqrt(2 * self.neurons))


MODEL = LeakyRelu
