"""How figures show a word about a power, seen at a glance: a colour, and a line in grey print."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.lines import Line2D
from matplotlib.typing import LineStyleType

from .style import GREY, Style

#: The grey of cells, which carry no word.
CELL = "#8a8a8a"


@dataclass(frozen=True)
class Look:
    """How a word looks.

    Attributes:
        rank: of its colour in a style; None for grey.
        line: the style of its lines.
        marker: of its points.
    """

    rank: int | None
    line: LineStyleType
    marker: str

    def color(self, style: Style) -> str:
        """Its colour in a style."""
        return GREY if self.rank is None else style.color(self.rank)

    def ink(self, style: Style) -> str:
        """The colour of letters about it: black where its grey would be too light to read."""
        return "black" if style.grey else self.color(style)


_GOOD, _FREE, _BAD = Look(2, "-", "o"), Look(0, (0, (6, 1.5)), "s"), Look(1, (0, (3, 1, 1, 1)), "D")
_OPEN = Look(None, (0, (1, 1.2)), "o")
#: The looks of a bound's words, and of those on fitted powers of a law.
LOOKS = {
    "sharp": _GOOD,
    "loose": _FREE,
    "eroding": _BAD,
    "untested": _OPEN,
    "agrees": _GOOD,
    "differs": _BAD,
    "open": _OPEN,
}


def look(word: str) -> Look:
    """The look of a word; that of an open one if it is unknown."""
    return LOOKS.get(word, _OPEN)


def word_handles(words: list[str], style: Style, *, marked: bool = False) -> list[Line2D]:
    """Entries of a legend for the words that occur, in the usual order.

    Args:
        words: that occur.
        style: of the figure.
        marked: whether they are markers with bars instead of lines.
    """
    return [
        Line2D(
            [], [], color=shown.color(style), linestyle="-" if marked else shown.line,
            linewidth=1.0 if marked else 1.8, marker=shown.marker if marked else "",
            markersize=4, label=word,
        )
        for shown in dict.fromkeys(LOOKS.values())
        if (word := ", ".join(w for w, each in LOOKS.items() if each == shown and w in words))
    ]  # fmt: skip


def role_handles(roles: list[str]) -> list[Line2D]:
    """Entries of a legend for held-out cells, filled, and calibration cells, hollow."""
    faces = {"held out": (CELL, "held-out cell"), "calibration": ("white", "calibration cell")}
    return [
        Line2D(
            [], [], color=CELL, linestyle="", marker="o", markersize=3.5, markerfacecolor=face,
            label=label,
        )
        for role, (face, label) in faces.items()
        if role in roles
    ]  # fmt: skip


def verdict_look(word: str) -> Look:
    """The look of a verdict, by what it means for a bound."""
    if word == "HOLDS":
        return _GOOD
    return _BAD if word in ("VIOLATED", "ERODES") else _OPEN
