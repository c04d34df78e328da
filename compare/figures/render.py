"""`render`: a figure as a file's bytes."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .style import Style

#: Metadata of each form. Dates are left out, so that equal results give equal files.
FORMS: dict[str, dict[str, None]] = {
    "png": {"Software": None},
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
    FigureCanvasAgg(figure)
    buffer = io.BytesIO()
    # Type 42 embeds fonts as TrueType, which printers and publishers require.
    with styled(style or Style()), rc_context({"pdf.fonttype": 42, "svg.hashsalt": "bofcheck"}):
        figure.savefig(buffer, format=form, dpi=dpi, metadata=FORMS[form])
    return buffer.getvalue()
