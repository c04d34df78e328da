"""Clusters: one token a sample, x = ŷμ + ξ (Frei et al. 2022, Karhadkar et al. 2024)."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..fields import Length
from ._law import DataLaw, Mixture


class Cluster(DataLaw):
    """Two opposite cluster means with Gaussian noise around them.

    Source: Frei, Chatterji, Bartlett 2022 (RECALLED); with ``noise = "orthogonal"``, Karhadkar et
    al. 2024 (SEEN: x = √γ·yv + √(1-γ)·n with n off v, so μ = √γ and σ_p² = (1-γ)/d).

    Attributes:
        noise: ``"isotropic"`` or ``"orthogonal"`` (projected off μ).
        signal_norm: ‖μ‖.
        noise_std: standard deviation σ_p of the noise, per coordinate.

    Example:
        >>> mixture = Cluster(signal_norm=2.0).mixture()
        >>> mixture.means[:, 0, 0].tolist(), mixture.labels.tolist()
        ([1.0, -1.0], [1, -1])
    """

    name: ClassVar[str] = "cluster"
    source: ClassVar[str] = "Frei, Chatterji, Bartlett 2022; Karhadkar et al. 2024"

    signal_norm: Length = 1.0
    noise_std: Length = 0.05

    def mixture(self) -> Mixture:
        """One signal, ±μ, in one noisy slot."""
        return Mixture(
            norms=np.array([self.signal_norm]),
            labels=np.array([1, -1]),
            means=np.array([[[1.0]], [[-1.0]]]),
            noise_stds=np.array([self.noise_std]),
            orthogonal=self.noise == "orthogonal",
        )


LAW = Cluster
