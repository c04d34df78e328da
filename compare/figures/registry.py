"""All figures: how each is drawn from its table, and the claims it bears on.

A `Drawing` sees only the table, so that a figure can be redrawn from its CSV file. Each module of
`DRAWINGS` defines a ``DRAWING``, which its tables name in a column. Each module of a package in
`FIGURE_PACKAGES` defines an ``EXPERIMENT``, whose tables are in files of the module's name. To add
a figure, add a file; to add a paper's figures, add its package here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from matplotlib.figure import Figure

from ..._registry import discover, load, module_names
from ..cells import CellResult, Study
from ..errors import CompareError
from ..verdict import Verdict
from .render import render, styled
from .style import Style
from .table import Table

#: The package of a study's figures.
DRAWINGS = "bofcheck.compare.figures.drawings"
#: The packages of papers' experiments; imported when an experiment is drawn.
FIGURE_PACKAGES = ("bofcheck.compare.papers.zhang2025.experiments",)


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """One kind of figure.

    Attributes:
        name: name of the figure, e.g. ``"errors"`` or ``"fig5"``.
        claims: ids of the claims it bears on.
        draw: draws a table in a style.
        foremost: whether it precedes the others in a report: what is predicted beside what was
            trained, nothing fitted.

    Example:
        >>> get_drawing("attention").claims
        ('M1', 'M2', 'M3', 'M4', 'M10')
    """

    name: str
    claims: tuple[str, ...]
    draw: Callable[[Table, Style], Figure]
    foremost: bool = False


@dataclass(frozen=True, kw_only=True)
class CellDrawing(Drawing):
    """A figure of one trained cell, measured from its trajectory.

    Attributes:
        caption: a description of its content.
        measure: makes the table of a cell, with the bounds of a study.

    Example:
        >>> drawing = get_drawing("attention")
        >>> isinstance(drawing, CellDrawing), drawing.caption[:33]
        (True, 'Attention on the signal token: cl')
    """

    caption: str
    measure: Callable[[Study, CellResult], Table]


@dataclass(frozen=True, kw_only=True)
class VerdictDrawing(Drawing):
    """A figure of what verdicts rest on, over all cells of a study.

    Attributes:
        caption: a description of its content.
        rank: its place among the figures of a verdict, the smallest first.
        apart: whether each verdict has a figure of its own; else all share one.
        shows: whether there is anything to show of a verdict.
        measure: makes the table, from the study and the verdicts that it shows.

    Example:
        >>> drawing = get_drawing("room")
        >>> isinstance(drawing, VerdictDrawing), drawing.apart
        (True, True)
    """

    caption: str
    rank: int
    apart: bool
    shows: Callable[[Study, Verdict], bool]
    measure: Callable[[Study, Sequence[Verdict]], Table]


@cache
def _study_drawings() -> dict[str, Drawing]:
    drawings = discover(DRAWINGS, "DRAWING", Drawing).values()
    return {drawing.name: drawing for drawing in sorted(drawings, key=lambda each: each.name)}


def cell_drawings() -> dict[str, CellDrawing]:
    """The figures of a trained cell, by name.

    Example:
        >>> list(cell_drawings())
        ['attention', 'errors', 'losses', 'predicted', 'values']
    """
    drawings = _study_drawings().items()
    return {name: drawing for name, drawing in drawings if isinstance(drawing, CellDrawing)}


def verdict_drawings() -> dict[str, VerdictDrawing]:
    """The figures of what verdicts rest on, by name, in the order of their ranks.

    Example:
        >>> list(verdict_drawings())[:6]
        ['problems', 'room', 'measured', 'powers', 'constants', 'times']
    """
    drawings = [each for each in _study_drawings().values() if isinstance(each, VerdictDrawing)]
    return {drawing.name: drawing for drawing in sorted(drawings, key=lambda each: each.rank)}


def figure_names() -> list[str]:
    """Names of all figures that can be drawn from a table.

    Example:
        >>> figure_names()[:6]
        ['attention', 'bounded', 'constants', 'edge', 'errors', 'evidence']
    """
    names = list(_study_drawings())
    for package in FIGURE_PACKAGES:
        names += module_names(package)
    return names


def get_drawing(name: str) -> Drawing:
    """The drawing of that name.

    Raises:
        CompareError: there is no such drawing; the message lists the known names.

    Example:
        >>> get_drawing("fig5").claims
        ('E9',)
    """
    if name in _study_drawings():
        return _study_drawings()[name]
    for package in FIGURE_PACKAGES:
        if name in module_names(package):
            return load(package, name, "EXPERIMENT", Drawing)
    raise CompareError(f"figure {name!r}: unknown; choose one of {', '.join(figure_names())}")


def draw(table: Table, name: str = "", style: Style | None = None) -> Figure:
    """The figure of a table.

    Args:
        table: its numbers, as measured or as read back from CSV.
        name: name of the figure, for a table that does not name its drawing.
        style: the style of the figure; the default if None.

    Raises:
        CompareError: the drawing is unknown, or the table lacks a column it needs.

    Example:
        >>> row = {"multiple": 1.0, "flip_prob": 0.1, "mean": 0.7, "low": 0.6, "high": 0.8}
        >>> table = Table(tuple({"panel": panel, "step": step, **row}
        ...                     for panel in "abc" for step in (0, 100)))
        >>> figure = draw(table, "fig6", Style(width="two"))
        >>> len(figure.axes), figure.axes[0].get_ylabel(), float(figure.get_figwidth())
        (3, 'test loss', 7.0)
        >>> head = {"drawing": "values", "panel": "a"}
        >>> rows = [{**head, "kind": "cell", "series": "mine"},
        ...         {**head, "kind": "about", "series": "two steps"}]
        >>> rows += [{**head, "kind": "median", "series": "$|V_+|$", "step": t, "value": v,
        ...           "low": v, "high": v} for t, v in ((1, 0.1), (10, 0.5))]
        >>> (ax,) = draw(Table(tuple(rows)), style=Style(width="one")).axes
        >>> ax.get_ylabel(), ax.get_yscale()
        ('value of a token', 'log')
    """
    if "drawing" in table.columns:
        name = next(iter(table.texts("drawing")), "")
    style = style or Style()
    drawing = get_drawing(name)
    with styled(style):
        return drawing.draw(table, style)


def picture(
    table: Table, form: str, name: str = "", style: Style | None = None, dpi: int = 300
) -> bytes:
    """The figure of a table as a file's bytes.

    Args:
        table: its numbers.
        form: ``"png"``, ``"pdf"`` or ``"svg"``.
        name: as for `draw`.
        style: the style of the figure; the default if None.
        dpi: dots per inch of rasterised parts.

    Returns:
        The bytes of the file.

    Raises:
        CompareError: as for `draw`.

    Example:
        >>> row = {"multiple": 1.0, "flip_prob": 0.1, "mean": 0.7, "low": 0.6, "high": 0.8}
        >>> table = Table(tuple({"panel": panel, "step": step, **row}
        ...                     for panel in "abc" for step in (0, 100)))
        >>> picture(table, "png", "fig6", dpi=50)[1:4]
        b'PNG'
    """
    return render(draw(table, name, style), form, dpi, style)
