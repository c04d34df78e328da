"""Whether a measured number agrees with the number a law states, by its interval.

It differs where the interval excludes the law's number and the measured one is materially off. It
agrees where the interval lies within the tolerance and either contains the law's number or is
surely less than materially off it. Otherwise it is open: a law that the interval excludes does not
hold because the tolerance is wide, and a departure that no reader would call another number is not
a failure.
"""

from __future__ import annotations

from typing import Literal

Word = Literal["agrees", "differs", "open"]


def agreement(off: float, low: float, high: float, *, tolerance: float, material: float) -> Word:
    """What an interval says of a law.

    Args:
        off: measured number less the law's.
        low: lower end of its interval, less the law's number.
        high: upper end, likewise.
        tolerance: how far the interval may reach where the law holds.
        material: from which distance on a number is another number; at most the tolerance.

    Example:
        >>> agreement(0.1, -0.1, 0.3, tolerance=0.5, material=0.2)
        'agrees'
        >>> agreement(0.3, 0.1, 0.45, tolerance=0.5, material=0.2)  # within, and yet another
        'differs'
        >>> agreement(0.15, 0.05, 0.25, tolerance=0.5, material=0.2)  # excluded, perhaps little off
        'open'
        >>> agreement(0.1, 0.08, 0.12, tolerance=0.5, material=0.2)  # surely little off
        'agrees'
    """
    excluded = low > 0 or high < 0
    if excluded and abs(off) >= material:
        return "differs"
    within = low >= -tolerance and high <= tolerance
    if within and (not excluded or max(-low, high) < material):
        return "agrees"
    return "open"
