"""The report as one web page: a single file that fetches nothing.

`render_page` makes the text, `save_page` writes it next to a ``report.json``. Scripts only filter,
open and copy; without them, on paper and in a screen reader, everything can be read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ...._citation import PAPER, bibtex
from ...._version import __version__
from ....simulate.store.atomic import write_atomically
from ..models import Report
from .chart import charts
from .evidence import blocks, label, pair
from .filters import LIMIT, as_table, formula, num, shown, slug, symbol, words
from .typeset import maths
from .view import page_view

__all__ = ["PAGE", "is_page", "render_page", "save_page"]

#: The page's file name in a results folder.
PAGE = "report.html"
_GENERATOR = "bofcheck"
_PNG = b"\x89PNG\r\n\x1a\n"


def render_page(
    report: Report, images: Mapping[str, bytes], tables: Mapping[str, str] | None = None
) -> str:
    """The page of a report.

    Args:
        report: the report.
        images: PNG files by their paths in the report's figures; a figure without a PNG file is
            listed without a picture.
        tables: CSV texts of the figure ``problems``, by the figure's name; the page draws them.

    Returns:
        A whole HTML document.

    Example:
        >>> from bofcheck.compare import claims_plan, report, verify
        >>> verification = verify(claims_plan("quick", claims=("I5",)))
        >>> page = render_page(report.document(verification), images={})
        >>> page[:15], "HOLDS" in page
        ('<!doctype html>', True)
    """
    environment = Environment(
        loader=PackageLoader(__name__, ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=shown,
    )
    environment.filters |= {
        "num": num, "slug": slug, "words": words, "as_table": as_table, "formula": formula,
        "symbol": symbol, "maths": maths, "blocks": blocks, "label": label, "pair": pair,
    }  # fmt: skip
    environment.globals["limit"] = LIMIT
    view = page_view(report, images)
    return environment.get_template("report.html.jinja").render(
        **view,
        title="bofcheck report",
        heading=_heading(report),
        generator=f"{_GENERATOR} {__version__}",
        paper=PAPER,
        bibtex=bibtex(paper=not view["own"]),
        charts=_data(charts(tables or {})),
        style=_part("style.css"),
        script=_part("script.js"),
        chart_script=_part("chart.js"),
    )


def save_page(report: Report, folder: Path) -> Path:
    """Write ``report.html`` into a results folder, with the figures in it.

    Args:
        report: the report; the files of its figures are read from the folder.
        folder: where to write.

    Returns:
        The file written.

    Raises:
        OSError: it cannot be written.

    Example:
        >>> import tempfile
        >>> from bofcheck.compare import claims_plan, report, verify
        >>> verification = verify(claims_plan("quick", claims=("I5",)))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = save_page(report.document(verification), Path(folder))
        ...     path.name, is_page(path)
        ('report.html', True)
    """
    images = {}
    for figure in report.figures:
        for name in figure.files:
            picture = _picture(folder, name)
            if picture is not None:
                images[name] = picture
    tables = {
        figure.name: text
        for figure in report.figures
        if figure.name.endswith("-problems") and (text := _table(folder, figure.files))
    }
    path = folder / PAGE
    write_atomically(path, [render_page(report, images, tables).encode()])
    return path


def is_page(path: Path) -> bool:
    """Whether a file is a bofcheck page, which may be replaced; False if it cannot be read.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     other = Path(folder) / "report.html"
        ...     _ = other.write_text("<html>my own notes</html>")
        ...     is_page(other), is_page(Path(folder) / "none.html")
        (False, False)
    """
    try:
        head = path.read_bytes()[:2000]
    except OSError:
        return False
    return f'<meta name="generator" content="{_GENERATOR} '.encode() in head


def _heading(report: Report) -> str:
    """What the page is about."""
    settings = report.provenance.settings
    if "theorem" in settings:
        return f"{settings.get('title', settings['theorem'])}, tested"
    return f"Theorems 4.2 and 4.3 of {PAPER.short}, tested on trained transformers"


def _part(name: str) -> Markup:
    """A file of this package, to include in the page verbatim."""
    return Markup(resources.files(__name__).joinpath(name).read_text("utf-8"))


def _data(entries: list[dict[str, Any]]) -> Markup:
    """JSON inside a script element, which nothing in it can close; empty without entries."""
    if not entries:
        return Markup()
    text = json.dumps(entries, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))  # JSON, and no markup is left in it


def _table(folder: Path, files: Iterable[str]) -> str:
    """The CSV file of a figure below the folder; empty without one."""
    for name in files:
        parts = PurePosixPath(name).parts
        if parts[:1] == ("tables",) and len(parts) == 2 and ".." not in parts:
            try:
                return folder.joinpath(*parts).read_text("utf-8")
            except (OSError, UnicodeDecodeError):
                return ""
    return ""


def _picture(folder: Path, name: str) -> bytes | None:
    """A PNG file below the folder; None if it is not a PNG file, or is elsewhere."""
    parts = PurePosixPath(name).parts
    if not name.endswith(".png") or ".." in parts or PurePosixPath(name).is_absolute():
        return None
    try:
        data = folder.joinpath(*parts).read_bytes()
    except OSError:
        return None
    return data if data.startswith(_PNG) and len(data) > 24 else None
