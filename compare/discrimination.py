"""`Discrimination`: what a verdict on a bound would have rejected, and how loose the bound is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from .thresholds import POWER_MATERIAL_SHARE, SHAPE_TOLERANCE, SLACK_C, WEAK_TEST_SHARE

Word = Literal["sharp", "loose", "eroding", "untested"]

#: The clock's name among the numbers.
TIME = "t"
#: Factor from which a distance is written as a power of e.
_LARGE = 1e4


@dataclass(frozen=True)
class NumberShape:
    """How the room of a bound changes with time or with one number.

    Attributes:
        name: ``"t"`` or a symbol.
        word: ``"sharp"`` if the bound has the data's power, ``"loose"`` if room only grows towards
            where the theorem extends, ``"eroding"`` if it shrinks there, ``"untested"`` otherwise.
        power: room changes as the number to this power; None if nothing could be fitted.
        low: lower end of its interval.
        high: upper end.
        varied: largest over smallest value.
        why: of what is untested, why; of what erodes, towards which side, and where it fails.
        reach: logarithm of the factor by which the theorem's conditions let the number be smaller,
            and larger, than in some cell.
        critical: the power from which room is used up within that reach, for smaller values and for
            larger ones.
    """

    name: str
    word: Word
    power: float | None = None
    low: float = -math.inf
    high: float = math.inf
    varied: float = 1.0
    why: str = ""
    reach: tuple[float, float] = (math.inf, math.inf)
    critical: tuple[float, float] = (0.0, 0.0)

    def judged(self) -> NumberShape:
        """The same with the word that its power and interval deserve.

        Sharp where the whole interval is within the tolerance; loose or eroding where the interval
        excludes 0 and the power is three quarters of the tolerance or more. It erodes where room
        shrinks so fast that none is left within the theorem's own conditions.
        """
        if self.power is None:
            return replace(self, word="untested")
        off = abs(self.power) >= POWER_MATERIAL_SHARE * SHAPE_TOLERANCE
        word: Word = "untested"
        if off and (self.low > 0 or self.high < 0):
            critical = self.critical[0 if self.power > 0 else 1]
            word = "eroding" if abs(self.power) >= critical else "loose"
        elif self.low >= -SHAPE_TOLERANCE and self.high <= SHAPE_TOLERANCE:
            word = "sharp"
        return replace(self, word=word)

    def shifted(self, by: float) -> NumberShape:
        """The shape of the bound times the number to a power: its room changes by as much.

        >>> NumberShape("mu", "sharp", 0.02, -0.05, 0.09).shifted(-0.5).word
        'eroding'
        """
        if self.power is None:
            return self
        moved = replace(self, power=self.power + by, low=self.low + by, high=self.high + by)
        return replace(moved, critical=(self._slack(0), self._slack(1))).judged()

    def weakened(self, by: float) -> bool:
        """Whether the bound times the number to a power is weaker wherever the theorem speaks.

        Room then grows on one side, and on the other the conditions end before it is used up.

        >>> NumberShape("eta", "sharp", reach=(math.inf, 0.0)).weakened(-0.5)
        True
        """
        return abs(by) < self._slack(0 if by > 0 else 1)

    def _slack(self, side: int) -> float:
        """The power from which the slack on a constant is used up within reach."""
        return math.log(SLACK_C) / self.reach[side] if self.reach[side] > 0 else math.inf

    @property
    def sides(self) -> tuple[int, ...]:
        """Where the theorem extends to: ``-1`` smaller values, ``1`` larger ones.

        >>> NumberShape("t", "sharp", reach=(0.0, math.inf)).sides
        (1,)
        """
        return tuple(side for side, end in zip((-1, 1), self.reach, strict=True) if end > 0)

    @property
    def text(self) -> str:
        """It in a few words.

        >>> NumberShape("mu", "sharp", 0.02, -0.05, 0.09).text
        'mu^0.02 ± 0.07'
        """
        if self.power is None:
            return self.name
        power = round(self.power, 2) + 0.0  # no minus before 0.00
        return f"{self.name}^{power:.2f} ± {(self.high - self.low) / 2:.2f}"


@dataclass(frozen=True)
class Shape:
    """The shape of a bound in time and in every number.

    Attributes:
        numbers: time first, then every number.
        cells: cells behind it.
        why: why nothing could be fitted; empty otherwise.
    """

    numbers: tuple[NumberShape, ...] = ()
    cells: int = 0
    why: str = ""

    def of(self, word: Word) -> tuple[NumberShape, ...]:
        """The numbers of one kind."""
        return tuple(number for number in self.numbers if number.word == word)

    def __getitem__(self, name: str) -> NumberShape:
        for number in self.numbers:
            if number.name == name:
                return number
        return NumberShape(name, "untested", why=self.why or "it does not vary among the cells")


@dataclass(frozen=True)
class WrongPower:
    """A bound with one power changed, judged by the same rule.

    Attributes:
        number: ``"t"`` or a symbol.
        power: by which the bound, or its exponent, is multiplied; None where it is left out.
        rejected: whether the verdict on it is not HOLDS.
        weaker: whether it only weakens the bound, so that it is true where the bound is.
        by: what rejects it: ``"shape"``, ``"runs"`` or nothing.
    """

    number: str
    power: float | None
    rejected: bool
    weaker: bool = False
    by: str = ""

    @property
    def text(self) -> str:
        """It in a few characters.

        >>> WrongPower("mu", -0.5, True).text, WrongPower("t", None, False).text
        ('mu^-0.5', 't left out')
        """
        return f"{self.number} left out" if self.power is None else f"{self.number}^{self.power:+g}"


@dataclass(frozen=True)
class Discrimination:
    """What comes with a verdict on a bound.

    Attributes:
        shape: the powers by which its room changes.
        wrong_powers: what the same rule says of the bound with one power changed; empty where the
            bound does not hold or leaves no constant open.
        tightest: smallest log-ratio of bound and data on held-out runs; None if nothing is known.
        typical: its median.
        extrapolated: how many times further, in time and in each number, held-out data reach than
            the data the constants were fitted on.
        constants: constant -> cell -> the least value that cell needs; of a rate, the largest that
            its runs allow (of a lower bound the other way round).

    Example:
        >>> tried = (WrongPower("t", -0.5, True), WrongPower("n", 1.0, False))
        >>> found = Discrimination(wrong_powers=tried, tightest=0.7, typical=2.3)
        >>> found.counts, found.weak, found.looseness("upper")
        ((1, 2), False, 'at least 2× above the data, typically 10×')
    """

    shape: Shape = field(default_factory=Shape)
    wrong_powers: tuple[WrongPower, ...] = ()
    tightest: float | None = None
    typical: float | None = None
    extrapolated: Mapping[str, float] = field(default_factory=dict)
    constants: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def counts(self) -> tuple[int, int]:
        """How many wrong powers are rejected, of how many; what only weakens is not counted."""
        wrong = [tried for tried in self.wrong_powers if not tried.weaker]
        return sum(tried.rejected for tried in wrong), len(wrong)

    @property
    def weak(self) -> bool:
        """Whether less than half of the wrong powers are rejected."""
        rejected, tried = self.counts
        return tried > 0 and rejected < WEAK_TEST_SHARE * tried

    def looseness(self, kind: str) -> str:
        """How far the bound lies from the data, in words; empty if nothing is known.

        >>> Discrimination(tightest=-0.7, typical=2.3).looseness("upper")
        'at worst 2× below the data, typically 10× above'
        """
        if self.tightest is None or self.typical is None:
            return ""
        sides = ("above", "below") if kind == "upper" else ("below", "above")
        tight, typical = (_distance(room, sides) for room in (self.tightest, self.typical))
        if self.tightest < 0:
            return f"at worst {tight} the data, typically {typical}"
        return f"at least {tight} the data, typically {_factor(self.typical)}"

    def line(self) -> str:
        """Which wrong powers are rejected, in one line; empty if none was tried."""
        rejected, tried = self.counts
        if not tried:
            return ""
        wrong = [each for each in self.wrong_powers if not each.weaker]
        open_ones, partly = [], []
        for name in dict.fromkeys(each.number for each in wrong):
            of_name = [each for each in wrong if each.number == name]
            missed = [each for each in of_name if not each.rejected]
            if len(missed) == len(of_name):
                open_ones.append(name)
            partly += [each.text for each in missed if len(missed) < len(of_name)]
        told = [f"any power of {', '.join(open_ones)}"] if open_ones else []
        told += [", ".join(partly)] if partly else []
        head = f"{rejected} of {tried} wrong powers rejected"
        return f"{head}; not told apart: {'; '.join(told)}" if told else head


def _distance(room: float, sides: tuple[str, str]) -> str:
    """How far on which side of the data a bound lies.

    >>> _distance(0.7, ("above", "below")), _distance(-34, ("above", "below"))
    ('2× above', 'e^34 below')
    """
    return f"{_factor(abs(room))} {sides[room < 0]}"


def _factor(log: float) -> str:
    """A ratio from its logarithm.

    >>> _factor(0.0), _factor(5.4), _factor(915.2), _factor(-800)
    ('1×', '220×', 'e^915', 'e^-800')
    """
    if abs(log) < math.log(_LARGE):
        return f"{float(f'{math.exp(log):.2g}'):g}×"
    return f"e^{log:.0f}"
