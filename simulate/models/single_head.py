"""One softmax head with a single query: value direction v and query direction p, both trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..data import Mixture
from ..fields import NonNegative
from ._model import Model

if TYPE_CHECKING:
    from torch import Tensor


class SingleHead(Model):
    """f = vᵀ Xᵀ softmax(X p) for a sample X of M tokens.

    Source: Magen et al. 2024 (from reviews and code: two tokens, μ_k and ξ off the signals, v and
    p trained from zero).

    Attributes:
        init_std: standard deviation of the entries of v(0) and p(0); 0 starts both at the origin.

    Example:
        Attention 3/4 on the first token, whose value is 4:

        >>> import math, torch
        >>> tokens = torch.tensor([[[[4.0, math.log(3.0)]], [[0.0, 0.0]]]])
        >>> SingleHead().forward(tokens, {}).round(decimals=6).tolist()
        [[3.0]]
    """

    name: ClassVar[str] = "single_head"
    source: ClassVar[str] = "Magen et al. 2024 (reviews and code)"
    quantities: ClassVar[Mapping[str, str]] = {
        "attention_first": "attention on the first token, mean over training samples",
    }
    symbols: ClassVar[Mapping[str, str]] = {"init_std": "sigma_0"}

    init_std: NonNegative = 0.0

    def start_stds(self) -> NDArray[np.float64]:
        """Columns v and p."""
        return np.full(2, self.init_std)

    def check(self, mixture: Mixture) -> None:
        """A single token leaves attention nothing to choose.

        Raises:
            ValueError: saying so.
        """
        if mixture.slots < 2:
            raise ValueError(
                'model = "single_head" needs samples of at least two tokens; set data = '
                '"signal_noise"'
            )

    def forward(self, tokens: Tensor, extra: Mapping[str, Tensor]) -> Tensor:
        """Values weighted by attention."""
        return (tokens[..., 1].softmax(dim=1) * tokens[..., 0]).sum(dim=1)

    def observe(self, tokens: Tensor, extra: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Attention on the first token."""
        return {"attention_first": tokens[..., 1].softmax(dim=1)[:, 0].mean(dim=1)}


MODEL = SingleHead
