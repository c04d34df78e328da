"""How labels are flipped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LabelNoise:
    """Every label with the same probability (Definition 3.1, STATED).

    Attributes:
        fresh: whether training labels are redrawn at each step.

    Example:
        >>> LabelNoise().chances(0.1, np.array([1.0, -1.0]), np.array([0.2, 0.9])).tolist()
        [0.1, 0.1]
    """

    fresh: ClassVar[bool] = False

    def chances(self, flip_prob: float, true: Array, rank: Array) -> Array:
        """Probability of a flip of each sample; they average to ``flip_prob`` where they can.

        Args:
            flip_prob: the problem's p.
            true: (N,) true labels ±1.
            rank: (N,) in (0, 1): the share of samples with a noise token shorter than this one's.
        """
        return np.full(len(true), flip_prob)
