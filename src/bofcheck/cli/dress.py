"""Options on how figures are dressed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..compare.figures import Look

width_option = click.option(
    "--width",
    default="own",
    show_default=True,
    type=click.Choice(["own", "one", "two"]),
    help="Columns of print: 3.4 or 7 inches; own: as the figure was made.",
)

style_option = click.option(
    "--style",
    default="plain",
    show_default=True,
    type=click.Choice(["plain", "serif", "grey"]),
    help="serif: serif letters; grey: no colour.",
)


def dressed(width: str, style: str) -> Look:
    """The look these options ask for."""
    from ..compare.figures import Look

    return Look(width=width, style=style)
