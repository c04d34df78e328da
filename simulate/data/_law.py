"""`DataLaw`: samples as mixtures of signal patterns plus Gaussian noise, whatever the model.

A sample belongs to one of J equally likely components. Its token in slot l is a combination of the
law's orthogonal signals, which the component chooses, plus the slot's Gaussian noise. With that,
training needs only the inner products of signals and noise, and a fresh sample's preactivations
are Gaussian given the weights (DERIVED).
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Mixture:
    """The numbers of a data law.

    Attributes:
        norms: (s,) lengths of the signals, which are orthogonal to each other.
        labels: (J,) true label of each component, -1 or 1.
        means: (J, M, s) how much of each signal a component puts into each slot.
        noise_stds: (M,) standard deviation of each slot's noise per coordinate; 0 for none.
        orthogonal: whether noise is projected off the signals.

    Example:
        >>> opposite = Mixture(np.array([2.0]), np.array([1, -1]),
        ...     np.array([[[1.0]], [[-1.0]]]), np.array([0.1]), orthogonal=False)
        >>> opposite.slots, opposite.noisy.tolist()
        (1, [0])
    """

    norms: Array
    labels: NDArray[np.int64]
    means: Array
    noise_stds: Array
    orthogonal: bool

    @property
    def slots(self) -> int:
        """Tokens of a sample, M."""
        return len(self.noise_stds)

    @property
    def noisy(self) -> NDArray[np.int64]:
        """The slots that carry noise."""
        return np.flatnonzero(self.noise_stds > 0)


class DataLaw(BaseModel):
    """Parameters of a data law; a module of this folder defines one as ``LAW``.

    Attributes:
        name: what ``data = "..."`` calls it.
        source: where it comes from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    name: ClassVar[str]
    source: ClassVar[str]

    noise: Literal["isotropic", "orthogonal"] = "isotropic"

    @abstractmethod
    def mixture(self) -> Mixture:
        """The law's numbers."""
