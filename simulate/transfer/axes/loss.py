"""Other losses than the logistic."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ..axis import Axis, Departure
from ..losses import Loss


@dataclass(frozen=True)
class Hinge(Loss):
    """max(0, margin - m).

    >>> import torch
    >>> Hinge(1.0).of(torch.tensor([0.25, 2.0])).tolist()
    [0.75, 0.0]
    """

    margin: float = 1.0

    def of(self, margin: Tensor) -> Tensor:
        """The loss of each margin."""
        return (self.margin - margin).clamp(min=0.0)


@dataclass(frozen=True)
class Square(Loss):
    """(target - m)²/2, least squares on labels times the target.

    >>> import torch
    >>> Square(1.0).of(torch.tensor([0.0, 1.0])).tolist()
    [0.5, 0.0]
    """

    target: float = 1.0

    def of(self, margin: Tensor) -> Tensor:
        """The loss of each margin."""
        return (self.target - margin) ** 2 / 2


def _hinge(margin: float, full: bool) -> Departure:
    loss = Hinge(margin)
    return Departure(
        "hinge loss", margin, f"margin {margin:g}", lambda base: base.replace(loss=loss), full
    )


def _square(target: float, full: bool) -> Departure:
    loss = Square(target)
    return Departure(
        "square loss", target, f"target ±{target:g}", lambda base: base.replace(loss=loss), full
    )


_DOSES = ((0.5, True), (1.0, False), (2.0, False), (4.0, True))

AXIS = Axis(
    title="loss",
    about="the loss that is trained; train loss to ε is asked of that loss",
    departures=(
        *(_hinge(dose, full) for dose, full in _DOSES),
        *(_square(dose, full) for dose, full in _DOSES),
    ),
)
