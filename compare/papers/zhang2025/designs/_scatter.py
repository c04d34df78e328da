"""Points scattered evenly over a box by a fixed rule, so that a design depends on no data."""

from __future__ import annotations

import math


def scattered(axes: int, rank: int) -> tuple[float, ...]:
    """Point number ``rank`` of an even scatter over the unit cube.

    The rule is the additive recurrence of Roberts: steps are powers of 1/φ, φ the positive root
    of x^(axes+1) = x + 1.

    Example:
        >>> [tuple(round(x, 3) for x in scattered(2, rank)) for rank in range(2)]
        [(0.5, 0.5), (0.255, 0.07)]
    """
    ratio = 2.0
    for _ in range(60):
        ratio = (1 + ratio) ** (1 / (axes + 1))
    return tuple((0.5 + rank * ratio**-axis) % 1.0 for axis in range(1, axes + 1))


def between(low: float, high: float, share: float) -> float:
    """The point a share of the way from one positive number to another, in logarithms.

    Example:
        >>> round(between(1.0, 100.0, 0.5), 9)
        10.0
    """
    return low * math.exp(share * math.log(high / low))


def towards_ends(share: float) -> float:
    """A share of a range, moved towards the nearer end so that even points follow an arcsine law.

    The ends of a range determine a power best; points in the middle reveal a curve.

    Example:
        >>> [round(towards_ends(share), 3) for share in (0.0, 0.25, 0.5, 1.0)]
        [0.0, 0.146, 0.5, 1.0]
    """
    return (1 - math.cos(math.pi * share)) / 2
