"""Do values rise where two numbers both grow? Concordant pairs, against permutations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Concordance:
    """Pairs of points of which one has both numbers larger, and in how many its value is larger.

    Attributes:
        wins: pairs in which the value is larger too.
        pairs: all such pairs.
        permuted: (B,) wins with the values exchanged among the points.
    """

    wins: float
    pairs: int
    permuted: Array

    @classmethod
    def pooled(cls, parts: Sequence[Concordance]) -> Concordance:
        """Several sets of points taken together; values are exchanged within each set."""
        return cls(
            sum(part.wins for part in parts),
            sum(part.pairs for part in parts),
            np.sum([part.permuted for part in parts], axis=0),
        )

    def share(self, sign: int) -> float:
        """Of all pairs, those in which the value rises (sign 1) or falls (sign -1)."""
        rising = self.wins / self.pairs
        return rising if sign > 0 else 1 - rising

    def chance(self, sign: int) -> float:
        """The p-value: how often exchanged values go that way in as many pairs."""
        as_much = (sign * self.permuted >= sign * self.wins).sum()
        return float(1 + as_much) / (1 + self.permuted.size)

    def limit(self, sign: int, false_alarm: float) -> float:
        """The share that this fraction of the permutations exceeds."""
        shares = self.permuted / self.pairs if sign > 0 else 1 - self.permuted / self.pairs
        return float(np.quantile(shares, 1 - false_alarm, method="higher"))


def concordance(
    first: Array, second: Array, values: Array, permutations: int, rng: np.random.Generator
) -> Concordance:
    """Count the pairs in which the point with both numbers larger has the larger value.

    Args:
        first: (C,) one number of each point.
        second: (C,) the other number.
        values: (C,) what is said to rise or fall.
        permutations: how often the values are exchanged.
        rng: draws the permutations.

    Example:
        >>> first, second = (axis.ravel() for axis in np.mgrid[0.0:4, 0.0:4])
        >>> rng = np.random.default_rng(0)
        >>> rising = concordance(first, second, first + second, 99, rng)
        >>> rising.pairs, rising.share(1), rising.chance(1), rising.chance(-1)
        (36, 1.0, 0.01, 1.0)
    """
    low, high = np.nonzero((first[:, None] < first[None, :]) & (second[:, None] < second[None, :]))
    permuted = np.empty(permutations)
    for draw in range(permutations):
        moved = values[rng.permutation(values.size)]
        permuted[draw] = (moved[high] > moved[low]).sum()
    return Concordance(float((values[high] > values[low]).sum()), low.size, permuted)
