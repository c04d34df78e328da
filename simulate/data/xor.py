"""XOR clusters: x = ±μ₁ + ξ has label +1, x = ±μ₂ + ξ has label -1; no line separates them."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..fields import Length
from ._law import DataLaw, Mixture


class Xor(DataLaw):
    """Four clusters on two orthogonal axes, opposite clusters with the same label.

    Source: the XOR cluster data of Xu et al. 2023, *Benign overfitting and grokking in ReLU
    networks for XOR cluster data* (RECALLED).

    Attributes:
        noise: ``"isotropic"`` or ``"orthogonal"`` (projected off both axes).
        signal_norm: ‖μ₁‖ = ‖μ₂‖.
        noise_std: standard deviation σ_p of the noise, per coordinate.

    Example:
        >>> Xor().mixture().labels.tolist()
        [1, 1, -1, -1]
    """

    name: ClassVar[str] = "xor"
    source: ClassVar[str] = "XOR clusters, Xu et al. 2023 (RECALLED)"

    signal_norm: Length = 1.0
    noise_std: Length = 0.05

    def mixture(self) -> Mixture:
        """Two signals, ±μ₁ and ±μ₂, in one noisy slot."""
        return Mixture(
            norms=np.full(2, self.signal_norm),
            labels=np.array([1, 1, -1, -1]),
            means=np.array([[[1.0, 0.0]], [[-1.0, 0.0]], [[0.0, 1.0]], [[0.0, -1.0]]]),
            noise_stds=np.array([self.noise_std]),
            orthogonal=self.noise == "orthogonal",
        )


LAW = Xor
