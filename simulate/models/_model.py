"""`Model`: what a model of the family is; small enough that a new model is a single file.

A model's first layer W (d × k) meets the data only through products with tokens, so its output is a
function of the k numbers H = x W of each token and of parameters that never meet the data. Gradient
descent then keeps W(t) = c(t)·W(0) + Zᵀ A(t), Z the rows of all training noise and signals, and
A changes by the gradient in H (DERIVED): d appears nowhere.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from ..data import Mixture

if TYPE_CHECKING:
    from torch import Tensor

Array = NDArray[np.float64]


class Model(BaseModel):
    """Parameters and forward pass of a model; a module of this folder defines one as ``MODEL``.

    Attributes:
        name: what ``model = "..."`` calls it.
        source: where it comes from, with its provenance.
        default_data: its data law where the problem names none.
        quantities: name -> meaning of what `observe` logs beside the quantities of every model.
        symbols: parameter -> the symbol that theorems call it by, of those that are numbers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    name: ClassVar[str]
    source: ClassVar[str]
    default_data: ClassVar[str] = "signal_noise"
    quantities: ClassVar[Mapping[str, str]] = {}
    symbols: ClassVar[Mapping[str, str]] = {}

    @abstractmethod
    def start_stds(self) -> Array:
        """(k,) standard deviation of the entries of each column of W(0); 0 starts it at 0."""

    @abstractmethod
    def forward(self, tokens: Tensor, extra: Mapping[str, Tensor]) -> Tensor:
        """(R, N) outputs.

        Args:
            tokens: (R, M, N, k) products of each token with W: runs, slots, samples, columns.
            extra: the parameters of `start_extra`, each with a leading run axis.
        """

    def start_extra(self, rng: np.random.Generator) -> dict[str, Array]:
        """Trained parameters of one run that never meet the data, at the start."""
        return {}

    def observe(self, tokens: Tensor, extra: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Its `quantities`, each (R,), from the training tokens as in `forward`."""
        return {}

    def check(self, mixture: Mixture) -> None:
        """Refuse a data law the model cannot take.

        Raises:
            ValueError: saying what it needs.
        """
