"""Other label noise than one probability for all labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ..axis import Axis, Departure
from ..label_noise import LabelNoise

Array = NDArray[np.float64]


@dataclass(frozen=True)
class OneSided(LabelNoise):
    """Labels +1 alone are flipped, with probability 2p.

    >>> OneSided().chances(0.1, np.array([1.0, -1.0]), np.array([0.2, 0.9])).tolist()
    [0.2, 0.0]
    """

    def chances(self, flip_prob: float, true: Array, rank: Array) -> Array:
        """2p for true labels +1, 0 for others."""
        return np.where(true > 0, 2 * flip_prob, 0.0)


@dataclass(frozen=True)
class ByMargin(LabelNoise):
    """Samples with much noise are flipped more often: p·2·rank of the noise token's length.

    >>> ByMargin().chances(0.1, np.array([1.0, -1.0]), np.array([0.25, 0.75])).round(3).tolist()
    [0.05, 0.15]
    """

    def chances(self, flip_prob: float, true: Array, rank: Array) -> Array:
        """2 p rank."""
        return 2 * flip_prob * rank


@dataclass(frozen=True)
class Fresh(LabelNoise):
    """Training labels are redrawn at each step."""

    fresh: ClassVar[bool] = True


def _noise(kind: str, labels: LabelNoise, p: float, full: bool) -> Departure:
    return Departure(
        kind, p, f"p = {p:g}", lambda base: base.replace(labels=labels, flip_prob=p), full,
        limit=type(labels) is LabelNoise,
    )  # fmt: skip


_KINDS = (
    ("symmetric flips", LabelNoise()),
    ("one-sided flips", OneSided()),
    ("flips by noise length", ByMargin()),
    ("fresh flips each step", Fresh()),
)

AXIS = Axis(
    title="label noise",
    about="which labels are flipped; p is the average flip rate",
    departures=tuple(
        _noise(kind, labels, p, full)
        for kind, labels in _KINDS
        for p, full in ((0.05, True), (0.1, False), (0.2, False), (0.3, True))
        if not (kind == "symmetric flips" and p == 0.1)
    ),
)
