"""Options for the width and style of figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..compare.figures import Style

width_option = click.option(
    "--width",
    default="own",
    show_default=True,
    type=click.Choice(["own", "one", "two"]),
    help="Columns of print: 3.4 or 7 inches; own: the figure's default.",
)

style_option = click.option(
    "--style",
    metavar="plain|serif|grey|FILE.mplstyle",
    help="serif: letters of a paper (STIX); grey: no colour; a style sheet of matplotlib.  "
    "[default: plain; serif with --width one or two]",
)


def chosen_style(width: str, style: str | None) -> Style:
    """The style that these options describe.

    Raises:
        CompareError: the style is unknown, or its sheet cannot be read.
    """
    from ..compare.figures import Style

    if style is not None and style.endswith(".mplstyle"):
        return Style(width=width, sheet=Path(style))
    return Style(width=width, name=style or ("plain" if width == "own" else "serif"))
