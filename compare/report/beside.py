"""What is told beside a verdict on a bound, as entries of a report."""

from __future__ import annotations

import math
from typing import Literal

from ..discrimination import Discrimination, NumberShape, Shape, WrongPower
from .entry import Count, Entry, Limits, Listed, Number


class NumberShapeEntry(Entry):
    """How room changes with time or one number; fields as in `NumberShape`."""

    name: str
    word: Literal["sharp", "loose", "eroding", "untested"]
    power: Number
    low: Number
    high: Number
    varied: Number
    why: str
    reach: Limits
    critical: Limits


class ShapeEntry(Entry):
    """The shape of a bound; fields as in `Shape`."""

    numbers: Listed[NumberShapeEntry]
    cells: Count
    why: str


class WrongPowerEntry(Entry):
    """A bound with one power changed; fields as in `WrongPower`."""

    number: str
    power: Number
    rejected: bool
    weaker: bool
    by: str


class DiscriminationEntry(Entry):
    """What a verdict on a bound would have rejected; fields as in `Discrimination`.

    Also in words, and counted: ``looseness`` is how far the bound lies from the data, ``rejected``
    of ``tried`` wrong powers were rejected.

    Example:
        >>> tried = (WrongPower("t", -0.5, True), WrongPower("n", 1.0, False))
        >>> found = Discrimination(wrong_powers=tried, tightest=0.7, typical=2.3)
        >>> entry = DiscriminationEntry.of_bound(found, "upper")
        >>> entry.looseness, entry.rejected, entry.tried
        ('at least 2× above the data, typically 10×', 1, 2)
        >>> entry.found == found
        True
    """

    shape: ShapeEntry
    wrong_powers: Listed[WrongPowerEntry]
    rejected: Count
    tried: Count
    tightest: Number
    typical: Number
    looseness: str
    extrapolated: dict[str, Number]
    constants: dict[str, dict[str, Number]]

    @classmethod
    def of_bound(cls, found: Discrimination, kind: str) -> DiscriminationEntry:
        """The entry for a bound.

        Args:
            found: what is told beside its verdict.
            kind: ``"upper"`` or ``"lower"``.
        """
        numbers = tuple(NumberShapeEntry.of(number) for number in found.shape.numbers)
        rejected, tried = found.counts
        return cls.of(
            found,
            shape=ShapeEntry.of(found.shape, numbers=numbers),
            wrong_powers=tuple(WrongPowerEntry.of(each) for each in found.wrong_powers),
            rejected=rejected,
            tried=tried,
            looseness=found.looseness(kind),
            extrapolated=dict(found.extrapolated),
            constants={name: dict(cells) for name, cells in found.constants.items()},
        )

    @property
    def found(self) -> Discrimination:
        """The same as an object of the analysis."""
        numbers = (
            NumberShape(**{**dict(number), "low": _real(number.low), "high": _real(number.high),
                           "varied": _real(number.varied), "reach": _pair(number.reach),
                           "critical": _pair(number.critical)})
            for number in self.shape.numbers
        )  # fmt: skip
        return Discrimination(
            shape=Shape(tuple(numbers), self.shape.cells, self.shape.why),
            wrong_powers=tuple(WrongPower(**dict(each)) for each in self.wrong_powers),
            tightest=self.tightest,
            typical=self.typical,
            extrapolated={name: _real(value) for name, value in self.extrapolated.items()},
            constants={
                name: {cell: _real(value) for cell, value in cells.items()}
                for name, cells in self.constants.items()
            },
        )


def _pair(ends: tuple[float | None, float | None]) -> tuple[float, float]:
    return _real(ends[0]), _real(ends[1])


def _real(value: float | None) -> float:
    return math.nan if value is None else value
