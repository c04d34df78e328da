"""Figures of a verification: one module each, found in this folder.

A module without a leading underscore offers ``draw(study, result) -> Figure`` and ``CLAIMS``,
the ids of the claims it bears on; its name is the figure's, its first line the caption. Adding
a figure is adding a file. matplotlib is used without pyplot, so drawing changes no global state
and needs no display.
"""

from __future__ import annotations

import importlib
import io
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ...simulate.atomic import write_atomically
from ..report_types import FigureEntry
from ..study import CellResult, Role, Study

if TYPE_CHECKING:
    from ..ledger import Decisions
    from ..verify import Verification

__all__ = [
    "FORMS",
    "draw_figure",
    "figure_entries",
    "figure_names",
    "render",
    "save_figures",
    "showcase",
]

#: Form -> metadata. Dates are left out, so that equal results give equal files.
FORMS: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Producer": None},
    "svg": {"Date": None},
}
#: The forms a results folder gets.
PRINTED = ("png", "pdf")


def figure_names() -> list[str]:
    """Names of all figures.

    >>> figure_names()
    ['attention', 'errors', 'losses', 'values']
    """
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name for name in names if not name.startswith("_"))


def draw_figure(name: str, study: Study, result: CellResult) -> Figure:
    """One figure of one cell.

    Args:
        name: one of `figure_names`.
        study: whose bounds are drawn.
        result: the cell.
    """
    figure: Figure = importlib.import_module(f"{__name__}.{name}").draw(study, result)
    return figure


def showcase(study: Study) -> CellResult | None:
    """The cell figures show: the first held-out stage cell inside Assumption 4.1.

    Without one inside it is the first held-out stage cell; None if there is no such cell or
    all its runs diverged.
    """
    cells = [cell for cell in study.select(Role.HELD_OUT, "stage") if cell.ok.any()]
    return next((cell for cell in cells if cell.inside), cells[0] if cells else None)


def figure_entries(verification: Verification | Decisions) -> list[FigureEntry]:
    """What a report says about the figures that `save_figures` draws."""
    entries: list[FigureEntry] = []
    for study in verification.studies:
        result = showcase(study)
        regime = study.theorem.regime
        if result is None:
            continue
        decided = {one.claim for one in verification.verdicts if one.regime == regime}
        for name in figure_names():
            module = importlib.import_module(f"{__name__}.{name}")
            caption = str(module.__doc__).partition("\n")[0].rstrip(".")
            entries.append(
                {
                    "name": f"{regime}-{name}",
                    "regime": regime,
                    "caption": f"{caption}; cell {result.cell.name}",
                    "files": [f"figures/{regime}-{name}.{form}" for form in PRINTED],
                    "claims": [claim for claim in module.CLAIMS if claim in decided],
                }
            )
    return entries


def save_figures(verification: Verification | Decisions, folder: Path) -> list[Path]:
    """Draw every figure of every study's showcase cell as PNG (300 dpi) and PDF.

    Args:
        verification: what to draw.
        folder: where to write ``<regime>-<figure>.png`` and ``.pdf``; created if need be.

    Returns:
        The files written.

    Raises:
        OSError: if a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for study in verification.studies:
        result = showcase(study)
        if result is None:
            continue
        for name in figure_names():
            figure = draw_figure(name, study, result)
            for form in PRINTED:
                path = folder / f"{study.theorem.regime}-{name}.{form}"
                write_atomically(path, [render(figure, form)])
                written.append(path)
    return written


def render(figure: Figure, form: str, dpi: int = 300) -> bytes:
    """A figure as a file's bytes, the same for the same figure.

    Args:
        figure: what to write.
        form: ``"png"``, ``"pdf"`` or ``"svg"``.
        dpi: dots per inch of what is drawn as dots.
    """
    FigureCanvasAgg(figure)
    buffer = io.BytesIO()
    # Type 42 embeds fonts as TrueType, which printers and publishers ask for.
    with rc_context({"pdf.fonttype": 42, "svg.hashsalt": "bofcheck"}):
        figure.savefig(buffer, format=form, dpi=dpi, metadata=FORMS[form])
    return buffer.getvalue()
