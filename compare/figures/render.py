"""`render`: a figure as a file's bytes."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from .style import Style

#: Metadata of each form of vectors. Dates are left out, so that equal results give equal files.
FORMS: dict[str, dict[str, None]] = {
    "pdf": {"CreationDate": None, "Producer": None},
    "svg": {"Date": None},
}
#: The forms written to a results folder.
PRINTED = ("png", "pdf")


@contextmanager
def styled(style: Style) -> Iterator[None]:
    """Use a style's matplotlib settings, without warnings about letters its fonts lack."""
    with rc_context(style.settings), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class NotebookFigure(Figure):
    """A figure that a notebook shows as a picture, with or without pyplot.

    Example:
        >>> NotebookFigure(figsize=(1, 1))._repr_png_()[1:4]
        b'PNG'
    """

    def _repr_png_(self) -> bytes:
        return render(self, "png", dpi=110)


def render(figure: Figure, form: str, dpi: int = 300, style: Style | None = None) -> bytes:
    """A figure as a file's bytes, the same for the same figure.

    Args:
        figure: what to write.
        form: ``"png"``, ``"pdf"`` or ``"svg"``.
        dpi: dots per inch of rasterised parts.
        style: the style it was drawn in.

    Returns:
        The bytes of the file.

    Example:
        >>> figure = Figure(figsize=(1, 1))
        >>> render(figure, "png", dpi=50)[1:4], render(figure, "pdf")[1:4]
        (b'PNG', b'PDF')
    """
    canvas = FigureCanvasAgg(figure)
    buffer = io.BytesIO()
    if form == "png":
        with styled(style or Style()):
            _save_png(figure, canvas, dpi, buffer)
        return buffer.getvalue()
    # Type 42 embeds fonts as TrueType, which printers and publishers require.
    with styled(style or Style()), rc_context({"pdf.fonttype": 42, "svg.hashsalt": "bofcheck"}):
        figure.savefig(buffer, format=form, dpi=dpi, metadata=FORMS[form])
    return buffer.getvalue()


def _save_png(figure: Figure, canvas: FigureCanvasAgg, dpi: int, buffer: io.BytesIO) -> None:
    """With a palette of 256 colours: a third of the bytes, and no difference to be seen."""
    buffered: Any = canvas  # matplotlib has no types for its methods
    before = figure.get_dpi()
    figure.set_dpi(dpi)
    try:
        buffered.draw()
        image = Image.fromarray(np.asarray(buffered.buffer_rgba())).convert("RGB")
    finally:
        figure.set_dpi(before)
    few = image.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(buffer, "png", dpi=(dpi, dpi), optimize=True)
