"""How the numbers of each experiment are drawn: one module each, found in this folder.

A module without a leading underscore offers ``paint(table, look) -> Figure`` for the experiment
of its name. It sees nothing but the table, so that a figure can be drawn again from its CSV file.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from matplotlib import rc_context

from ..errors import CompareError
from . import verification as plots
from .style import STYLES, WIDTHS, Look

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .table import Table

__all__ = ["STYLES", "WIDTHS", "Look", "figure_names", "paint", "picture"]


def figure_names() -> list[str]:
    """Names of all figures that can be drawn from a table.

    >>> figure_names()
    ['dimension', 'excess', 'fig1', 'fig2', 'fig3', 'fig4', 'fig5', 'fig6', 'fig7']
    """
    return sorted(["dimension", "excess", *(f"fig{n}" for n in range(1, 8))])


def paint(name: str, table: Table, look: Look | None = None) -> Figure:
    """Draw one figure.

    Args:
        name: one of `figure_names`, or any name for a table of a verification.
        table: its numbers.
        look: how it is dressed; as the figure was made if None.

    Raises:
        CompareError: there is no such figure.

    Example:
        >>> from bofcheck.compare.figures.table import Table
        >>> row = {"multiple": 1.0, "flip_prob": 0.1, "mean": 0.7, "low": 0.6, "high": 0.8}
        >>> table = Table(tuple({"panel": panel, "step": step, **row}
        ...                     for panel in "abc" for step in (0, 100)))
        >>> figure = paint("fig6", table, Look(width="two"))
        >>> len(figure.axes), figure.axes[0].get_ylabel(), float(figure.get_figwidth())
        (3, 'test loss', 7.0)
    """
    if plots.is_drawing(table):
        return plots.paint(table, look)
    if name not in figure_names():
        raise CompareError(f"figure {name!r}: unknown; choose one of {', '.join(figure_names())}")
    dressed = look or Look()
    module = importlib.import_module(
        f"bofcheck.compare.papers.zhang2025.experiments._{name}_drawing"
    )
    with rc_context(dressed.settings):
        figure: Figure = module.paint(table, dressed)
    return figure


def picture(name: str, table: Table, form: str, look: Look | None = None, dpi: int = 300) -> bytes:
    """Draw one figure as a file's bytes.

    Args:
        name: as for `paint`.
        table: its numbers.
        form: ``"png"``, ``"pdf"`` or ``"svg"``.
        look: how it is dressed.
        dpi: dots per inch of what is drawn as dots.

    Returns:
        The bytes of the file.

    Raises:
        CompareError: there is no such figure.

    Example:
        >>> from bofcheck.compare.figures.table import Table
        >>> row = {"multiple": 1.0, "flip_prob": 0.1, "mean": 0.7, "low": 0.6, "high": 0.8}
        >>> table = Table(tuple({"panel": panel, "step": step, **row}
        ...                     for panel in "abc" for step in (0, 100)))
        >>> picture("fig6", table, "png", dpi=50)[1:4]
        b'PNG'
    """
    dressed = look or Look()
    figure = paint(name, table, dressed)
    with rc_context(dressed.settings):
        return plots.render(figure, form, dpi)
