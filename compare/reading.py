"""`read_report`: a report.json as it was written, or one line saying what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from .errors import CompareError
from .report import SCHEMA
from .report_types import Report


def read_report(path: Path) -> Report:
    """Read and check a report.

    Args:
        path: a ``report.json``.

    Raises:
        CompareError: it cannot be read, is no bofcheck report, is of another layout, or is
            damaged.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CompareError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise CompareError(
            f"{path}: is not valid JSON; run the command that made it again"
        ) from None
    if not isinstance(document, dict) or document.get("format") != "bofcheck report":
        raise CompareError(f"{path}: is no bofcheck report")
    if document.get("schema") != SCHEMA:
        raise CompareError(
            f"{path}: has layout {document.get('schema')!r}, this version reads layout {SCHEMA}; "
            "run the command that made it again"
        )
    try:
        checked: Report = TypeAdapter(Report).validate_python(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CompareError(f"{path}: is damaged at {where}: {first['msg'].lower()}") from None
    return checked
