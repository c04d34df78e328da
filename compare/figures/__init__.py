"""Figures: a `Drawing` draws each figure from a table of its numbers, in a style."""

from .registry import (
    CellDrawing,
    Drawing,
    VerdictDrawing,
    cell_drawings,
    draw,
    figure_names,
    get_drawing,
    picture,
    verdict_drawings,
)
from .study_figures import (
    DrawnFigure,
    draw_bound,
    draw_figure,
    figures_of,
    save_figures,
    showcase,
)
from .style import STYLES, WIDTHS, Style

__all__ = [
    "STYLES",
    "WIDTHS",
    "CellDrawing",
    "Drawing",
    "DrawnFigure",
    "Style",
    "VerdictDrawing",
    "cell_drawings",
    "draw",
    "draw_bound",
    "draw_figure",
    "figure_names",
    "figures_of",
    "get_drawing",
    "picture",
    "save_figures",
    "showcase",
    "verdict_drawings",
]
