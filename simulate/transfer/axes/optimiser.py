"""Other optimisers than full-batch gradient descent.

Step sizes: SGD, momentum (times 1 - momentum, so that the drift is the same) and weight decay use
the base's; Adam and sign descent, whose steps have the size of the rate, have their own as dose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ..axis import Axis, Departure
from ..optimisers import Memory, Optimiser, shaped
from ..setting import Setting


@dataclass(frozen=True)
class Momentum(Optimiser):
    """Heavy-ball momentum, as torch.optim.SGD, with the rate times 1 - momentum."""

    momentum: float = 0.9

    def step(
        self, weights: Sequence[Tensor], gradients: Sequence[Tensor], rate: Tensor,
        memory: Memory, taken: int,
    ) -> None:  # fmt: skip
        """Subtract (1 - β) η v, v = β v + g."""
        speeds = memory.setdefault("speed", [torch.zeros_like(weight) for weight in weights])
        for weight, gradient, speed in zip(weights, gradients, speeds, strict=True):
            speed.mul_(self.momentum).add_(gradient)
            weight -= shaped(rate, weight) * (1 - self.momentum) * speed


@dataclass(frozen=True)
class WeightDecay(Optimiser):
    """Gradient descent on the loss plus λ‖w‖²/2 of every trained weight."""

    decay: float = 1e-3

    def step(
        self, weights: Sequence[Tensor], gradients: Sequence[Tensor], rate: Tensor,
        memory: Memory, taken: int,
    ) -> None:  # fmt: skip
        """Subtract η (g + λ w)."""
        for weight, gradient in zip(weights, gradients, strict=True):
            weight -= shaped(rate, weight) * (gradient + self.decay * weight)

    def kept(self, rate: Tensor) -> Tensor:
        """1 - η λ."""
        return 1 - rate * self.decay


@dataclass(frozen=True)
class Adam(Optimiser):
    """Adam with its usual β = 0.9, 0.999 (Kingma and Ba 2015)."""

    rotation_invariant: ClassVar[bool] = False

    def step(
        self, weights: Sequence[Tensor], gradients: Sequence[Tensor], rate: Tensor,
        memory: Memory, taken: int,
    ) -> None:  # fmt: skip
        """Subtract η m̂/(√v̂ + 1e-8)."""
        first = memory.setdefault("first", [torch.zeros_like(weight) for weight in weights])
        second = memory.setdefault("second", [torch.zeros_like(weight) for weight in weights])
        for weight, gradient, m, v in zip(weights, gradients, first, second, strict=True):
            m.mul_(0.9).add_(0.1 * gradient)
            v.mul_(0.999).add_(0.001 * gradient**2)
            size = (v / (1 - 0.999 ** (taken + 1))).sqrt() + 1e-8
            weight -= shaped(rate, weight) * (m / (1 - 0.9 ** (taken + 1))) / size


@dataclass(frozen=True)
class Signs(Optimiser):
    """Steps of one size in every coordinate, by the gradient's sign."""

    rotation_invariant: ClassVar[bool] = False

    def step(
        self, weights: Sequence[Tensor], gradients: Sequence[Tensor], rate: Tensor,
        memory: Memory, taken: int,
    ) -> None:  # fmt: skip
        """Subtract η sign(g)."""
        for weight, gradient in zip(weights, gradients, strict=True):
            weight -= shaped(rate, weight) * gradient.sign()


def _with(kind: str, optimiser: Optimiser, dose: float, label: str, full: bool) -> Departure:
    return Departure(
        kind, dose, label, lambda base: base.replace(optimiser=optimiser), full, limit=True
    )


def _rated(kind: str, optimiser: Optimiser, rate: float, full: bool) -> Departure:
    """Rates are those of the base's η; other cells keep their ratio to it."""
    return Departure(
        kind,
        rate,
        f"η = {rate:g}",
        lambda base: base.replace(
            optimiser=optimiser, learning_rate=base.problem.learning_rate / 0.2 * rate
        ),
        full,
    )


def _sgd(batches: int, full: bool) -> Departure:
    """The dose is how many batches the training samples make."""

    def change(base: Setting) -> Setting:
        size = max(1, base.problem.n_samples // batches)
        return base.replace(optimiser=Optimiser(batch_size=size))

    return Departure("SGD", batches, f"batch N/{batches}", change, full, limit=True)


AXIS = Axis(
    title="optimiser",
    about="how gradients become steps; the model and its start are the base's",
    departures=(
        *(_sgd(batches, full)
          for batches, full in ((2, True), (4, False), (8, False), (16, True))),
        *(_with("momentum", Momentum(momentum=beta), beta, f"β = {beta:g}", full)
          for beta, full in ((0.5, True), (0.9, False), (0.95, True), (0.99, False))),
        *(_with("weight decay", WeightDecay(decay=decay), decay, f"λ = {decay:g}", full)
          for decay, full in ((1e-4, True), (1e-3, False), (1e-2, False), (3e-2, True))),
        *(_rated("Adam", Adam(), rate, full)
          for rate, full in ((3e-4, True), (1e-3, False), (3e-3, True), (1e-2, False))),
        *(_rated("sign descent", Signs(), rate, full)
          for rate, full in ((1e-4, True), (3e-4, False), (1e-3, False), (3e-3, True))),
    ),
)  # fmt: skip
