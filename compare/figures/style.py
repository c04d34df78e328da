"""`Style`: the width, colours and letters of a figure, apart from what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib import colormaps
from matplotlib.colors import Colormap, LinearSegmentedColormap

from ..errors import CompareError

#: Okabe and Ito's colours, told apart by all common kinds of colour vision.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
BLUE, VERMILLION, PURPLE, GREY = "#0072B2", "#D55E00", "#CC79A7", "#666666"

#: Widths of one and two columns of print, in inches.
ONE_COLUMN, TWO_COLUMNS = 3.4, 7.0

#: Point sizes at print size.
TEXT, SMALL = 8.0, 7.0

WIDTHS = ("own", "one", "two")
#: Name of a style -> what it changes of matplotlib's settings.
STYLES: dict[str, Any] = {
    "plain": {"font.family": "DejaVu Sans", "mathtext.fontset": "dejavusans"},
    "serif": {"font.family": "DejaVu Serif", "mathtext.fontset": "dejavuserif"},
    "grey": {"font.family": "DejaVu Sans", "mathtext.fontset": "dejavusans"},
}
_COLORS = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, BLACK)
_GREYS = ("#000000", "#6e6e6e", "#a2a2a2", "#3c3c3c", "#888888", "#bbbbbb", "#555555")
#: Lines that share a panel also differ in this, for print without colour.
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")


@dataclass(frozen=True)
class Style:
    """How wide a figure is, in which letters and colours.

    Attributes:
        width: ``"one"`` or ``"two"`` columns of print, 3.4 and 7 inches, or ``"own"``, the
            figure's default: two, or one for a single panel of `verify`.
        name: ``"plain"``, ``"serif"`` or ``"grey"``, which prints without colour.

    Raises:
        CompareError: the width or the name is unknown.

    Example:
        >>> Style(width="one").inches
        3.4
        >>> Style(name="bright")
        Traceback (most recent call last):
            ...
        bofcheck.compare.errors.CompareError: style 'bright': choose one of plain, serif, grey
    """

    width: str = "own"
    name: str = "plain"

    def __post_init__(self) -> None:
        """Refuse unknown widths and names."""
        for field, value, allowed in (("width", self.width, WIDTHS), ("style", self.name, STYLES)):
            if value not in allowed:
                raise CompareError(f"{field} {value!r}: choose one of {', '.join(allowed)}")

    @property
    def inches(self) -> float:
        """Width of the figure."""
        return ONE_COLUMN if self.width == "one" else TWO_COLUMNS

    @property
    def grey(self) -> bool:
        """Whether it prints without colour."""
        return self.name == "grey"

    @property
    def settings(self) -> Any:
        """What to change of matplotlib's settings while drawing and saving."""
        return STYLES[self.name]

    @property
    def sequential(self) -> Colormap:
        """A colour map whose lightness rises evenly, legible to all; black lines show on greys."""
        if self.grey:
            return LinearSegmentedColormap.from_list("greys", ["#5a5a5a", "#ffffff"])
        return colormaps["viridis"]

    def color(self, rank: int) -> str:
        """Colour of the series number ``rank``."""
        colors = _GREYS if self.grey else _COLORS
        return colors[rank % len(colors)]

    def marker(self, rank: int) -> str:
        """Marker of the series number ``rank``."""
        return _MARKERS[rank % len(_MARKERS)]

    def columns(self, wide: int, narrow: int = 1) -> int:
        """Columns of a legend: ``wide``, or ``narrow`` in one column of print."""
        return narrow if self.width == "one" else wide
