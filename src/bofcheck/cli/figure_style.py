"""Options for the width and style of figures."""

from __future__ import annotations

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
    default="plain",
    show_default=True,
    type=click.Choice(["plain", "serif", "grey"]),
    help="serif: serif letters; grey: no colour.",
)


def chosen_style(width: str, style: str) -> Style:
    """The style that these options describe."""
    from ..compare.figures import Style

    return Style(width=width, name=style)
