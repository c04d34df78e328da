"""`render`: a figure as a file's bytes."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
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
    return render_all(figure, (form,), dpi, style)[form]


def render_all(
    figure: Figure, forms: Iterable[str] = PRINTED, dpi: int = 300, style: Style | None = None
) -> dict[str, bytes]:
    """A figure in several forms, as `render` gives each; laid out once, by its pixels.

    Args:
        figure: what to write.
        forms: the forms.
        dpi: dots per inch of rasterised parts.
        style: the style it was drawn in.

    Returns:
        Form -> the bytes of its file.

    Example:
        >>> figure = Figure(figsize=(1, 1))
        >>> {form: payload[1:4] for form, payload in render_all(figure, dpi=50).items()}
        {'png': b'PNG', 'pdf': b'PDF'}
    """
    before, engine = figure.get_dpi(), figure.get_layout_engine()
    # Type 42 embeds fonts as TrueType, which printers and publishers require.
    with styled(style or Style()), rc_context({"pdf.fonttype": 42, "svg.hashsalt": "bofcheck"}):
        canvas = FigureCanvasAgg(figure)
        figure.set_dpi(dpi)
        try:
            if engine is not None:
                engine.execute(figure)
                figure.set_layout_engine("none")
            return {form: _payload(figure, canvas, form, dpi) for form in forms}
        finally:
            figure.set_dpi(before)
            figure.set_canvas(canvas)
            if engine is not None:
                figure.set_layout_engine(engine)


def _payload(figure: Figure, canvas: FigureCanvasAgg, form: str, dpi: int) -> bytes:
    """A figure that is laid out as the bytes of one file."""
    buffer = io.BytesIO()
    if form == "png":
        _save_png(canvas, dpi, buffer)
        return buffer.getvalue()
    # not savefig, which draws every figure twice to lay it out
    vectors: Any = FigureCanvasPdf(figure) if form == "pdf" else FigureCanvasSVG(figure)
    try:
        getattr(vectors, f"print_{form}")(buffer, metadata=FORMS[form])
    finally:
        figure.set_dpi(dpi)  # to which vectors have 72 an inch
    return buffer.getvalue()


def _save_png(canvas: FigureCanvasAgg, dpi: int, buffer: io.BytesIO) -> None:
    """With a palette of 256 colours: a third of the bytes, and no difference to be seen."""
    buffered: Any = canvas  # matplotlib has no types for its methods
    buffered.draw()
    image = Image.fromarray(np.asarray(buffered.buffer_rgba())).convert("RGB")
    few = image.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(buffer, "png", dpi=(dpi, dpi), optimize=True)
