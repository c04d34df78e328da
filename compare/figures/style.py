"""`Style`: the width, colours and letters of a figure, independent of its content."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib import colormaps, rc_params_from_file
from matplotlib.colors import Colormap, LinearSegmentedColormap

from ..errors import CompareError

#: Okabe and Ito's colours, distinguishable with all common kinds of colour vision.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
BLUE, VERMILLION, PURPLE, GREY = "#0072B2", "#D55E00", "#CC79A7", "#666666"

#: Widths of one and two columns of print, in inches.
ONE_COLUMN, TWO_COLUMNS = 3.4, 7.0

#: Point sizes at print size.
TEXT, SMALL = 8.0, 7.0

WIDTHS = ("own", "one", "two")
#: The matplotlib settings each style changes.
STYLES: dict[str, Any] = {
    "plain": {"font.family": "DejaVu Sans", "mathtext.fontset": "dejavusans"},
    "serif": {"font.family": "STIXGeneral", "mathtext.fontset": "stix"},
    "grey": {"font.family": "DejaVu Sans", "mathtext.fontset": "dejavusans"},
}
_COLORS = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, BLACK)
_GREYS = ("#000000", "#6e6e6e", "#a2a2a2", "#3c3c3c", "#888888", "#bbbbbb", "#555555")
#: Markers that tell apart the lines of a panel in print without colour.
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """What matplotlib logs about lines it cannot read; it would go on without them."""
    said: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(" ".join(record.getMessage().split()))

    handler = Kept()
    logger = logging.getLogger("matplotlib")
    logger.addHandler(handler)
    propagated, logger.propagate = logger.propagate, False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield said
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagated


@dataclass(frozen=True)
class Style:
    """The width, letters and colours of a figure.

    Attributes:
        width: ``"one"`` or ``"two"`` columns of print, 3.4 and 7 inches, or ``"own"``, the
            figure's default: two, or one for a single panel of `verify`.
        name: ``"plain"``, ``"serif"``, in the letters of a paper, or ``"grey"``, which prints
            without colour.
        sheet: a matplotlib style sheet whose settings come on top of these.

    Raises:
        CompareError: the width or the name is unknown, or the sheet cannot be read.

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
    sheet: Path | None = None

    def __post_init__(self) -> None:
        """Refuse unknown widths and names, and sheets that cannot be read."""
        for field, value, allowed in (("width", self.width, WIDTHS), ("style", self.name, STYLES)):
            if value not in allowed:
                raise CompareError(f"{field} {value!r}: choose one of {', '.join(allowed)}")
        if self.sheet is not None:
            self._sheet(self.sheet)

    @staticmethod
    def _sheet(path: Path) -> dict[str, Any]:
        """The settings of a style sheet."""
        try:
            with _complaints() as said:
                sheet: Any = rc_params_from_file(path, use_default_template=False)
        except (OSError, UnicodeDecodeError, ValueError, KeyError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error).splitlines()[0]
            said = [str(why)]
        if said:
            raise CompareError(
                f"style sheet {path}: {said[0]}; give a .mplstyle file that matplotlib reads"
            )
        return dict(sheet)

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
        """The matplotlib settings to change while drawing and saving."""
        if self.sheet is None:
            return STYLES[self.name]
        return {**STYLES[self.name], **self._sheet(self.sheet)}

    @property
    def sequential(self) -> Colormap:
        """A colour map of evenly rising lightness; its greys leave black lines visible."""
        if self.grey:
            return LinearSegmentedColormap.from_list("greys", ["#5a5a5a", "#ffffff"])
        return colormaps["viridis"]

    def color(self, rank: int) -> str:
        """Colour of series number ``rank``."""
        colors = _GREYS if self.grey else _COLORS
        return colors[rank % len(colors)]

    def marker(self, rank: int) -> str:
        """Marker of series number ``rank``."""
        return _MARKERS[rank % len(_MARKERS)]

    def columns(self, wide: int, narrow: int = 1) -> int:
        """Columns of a legend: ``wide``, or ``narrow`` at a width of one print column."""
        return narrow if self.width == "one" else wide
