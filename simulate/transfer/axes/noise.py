"""Other noise tokens than isotropic Gaussian, of the same mean square length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...problem import Problem
from ..axis import Axis, Departure
from ..samples import NoiseLaw, SampleLaw

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PowerLaw(NoiseLaw):
    """Variances ∝ j^-exponent over the axes off the signals', whose own keep σ_p²."""

    exponent: float = 1.0

    def tokens(self, rng: np.random.Generator, problem: Problem, count: int) -> Array:
        """(count, d) tokens."""
        spectrum = np.arange(1, problem.dim - 1) ** -self.exponent
        scale = np.concatenate([[1.0, 1.0], np.sqrt(spectrum * len(spectrum) / spectrum.sum())])
        return np.asarray(problem.noise_std * scale * rng.standard_normal((count, problem.dim)))


@dataclass(frozen=True)
class StudentT(NoiseLaw):
    """Independent Student-t entries of variance σ_p²."""

    freedom: float = 5.0

    def tokens(self, rng: np.random.Generator, problem: Problem, count: int) -> Array:
        """(count, d) tokens."""
        unit = np.sqrt((self.freedom - 2) / self.freedom)
        drawn = rng.standard_t(self.freedom, (count, problem.dim))
        return np.asarray(problem.noise_std * unit * drawn)


@dataclass(frozen=True)
class Sparse(NoiseLaw):
    """Each entry is 0 but for a share of them, Gaussian of variance σ_p²/share."""

    share: float = 0.1

    def tokens(self, rng: np.random.Generator, problem: Problem, count: int) -> Array:
        """(count, d) tokens."""
        shape = (count, problem.dim)
        there = rng.random(shape) < self.share
        drawn = there * rng.standard_normal(shape)
        return np.asarray(problem.noise_std / np.sqrt(self.share) * drawn)


@dataclass(frozen=True)
class Equicorrelated(NoiseLaw):
    """Entries off the signals' axes have correlation ρ, so that tokens share one direction."""

    correlation: float = 0.1

    def tokens(self, rng: np.random.Generator, problem: Problem, count: int) -> Array:
        """(count, d) tokens."""
        drawn = rng.standard_normal((count, problem.dim))
        common = rng.standard_normal((count, 1))
        rho = self.correlation
        drawn[:, 2:] = np.sqrt(1 - rho) * drawn[:, 2:] + np.sqrt(rho) * common
        return np.asarray(problem.noise_std * drawn)


def _law(kind: str, noise: NoiseLaw, dose: float, label: str, full: bool) -> Departure:
    samples = SampleLaw(noise=noise)
    return Departure(
        kind, dose, label, lambda base: base.replace(samples=samples), full, limit=True
    )


def _orthogonal(factor: float, full: bool) -> Departure:
    """Noise off the signals, in a dimension that grows at a fixed SNR."""
    return Departure(
        "orthogonal noise", factor, f"d × {factor:g}",
        lambda base: base.replace(
            noise="orthogonal", dim=int(factor * base.problem.dim),
            noise_std=base.problem.noise_std / factor**0.5,
        ),
        full, limit=True,
    )  # fmt: skip


AXIS = Axis(
    title="noise",
    about="the law of the noise tokens, of the same E‖ξ‖² = σ_p² d",
    departures=(
        *(_orthogonal(factor, full)
          for factor, full in ((0.5, False), (1.0, False), (2.0, True), (4.0, True))),
        *(_law("power-law covariance", PowerLaw(a), a, f"j^-{a:g}", full)
          for a, full in ((0.5, False), (1.0, False), (1.5, True), (2.0, True))),
        *(_law("Student-t entries", StudentT(nu), 1 / nu, f"ν = {nu:g}", full)
          for nu, full in ((10.0, True), (5.0, False), (3.0, False), (2.5, True))),
        *(_law("sparse noise", Sparse(share), 1 / share, f"share {share:g}", full)
          for share, full in ((0.3, True), (0.1, False), (0.03, False), (0.01, True))),
        *(_law("equicorrelated noise", Equicorrelated(rho), rho, f"ρ = {rho:g}", full)
          for rho, full in ((0.03, True), (0.1, False), (0.3, False), (0.6, True))),
    ),
)  # fmt: skip
