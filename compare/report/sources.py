"""The files a report was made from: kept in its settings, and compared before it is replaced."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..._visible import visible
from ..errors import CompareError
from .files import REPORT

#: The key of a report's settings that holds the record.
FILES = "files"


def file_record(files: Mapping[str, Path | None]) -> dict[str, dict[str, str | None]]:
    """Absolute path and SHA-256 checksum of files, for the key ``files`` of a report's settings.

    Args:
        files: files by role, such as ``"data"``; a role without a file is left out.

    Returns:
        ``path`` and ``sha256`` by role. Bytes of a path that are not text appear as escapes. The
        checksum is None for what can be read only once, such as a pipe.

    Raises:
        OSError: a file cannot be read.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     data = Path(folder) / "curves.csv"
        ...     _ = data.write_text("run,step,test_error")
        ...     record = file_record({"data": data, "problem": None})
        >>> list(record), record["data"]["sha256"][:8], Path(record["data"]["path"]).name
        (['data'], 'aa985719', 'curves.csv')
    """
    return {
        role: {"path": visible(os.path.abspath(file)), "sha256": _checksum(file)}
        for role, file in files.items()
        if file is not None
    }


def check_replaceable(folder: Path, settings: Mapping[str, Any]) -> None:
    """Refuse a folder whose report is about another theorem, or was made from other files.

    A file that was edited, moved or copied is the same file: what counts is that its path or its
    content is the report's.

    Args:
        folder: a results folder, which need not exist.
        settings: of the report to be written: ``theorem``, ``data`` and, as from `file_record`,
            ``files``.

    Raises:
        CompareError: naming the folder, what differs, and what to do.

    Example:
        >>> import tempfile
        >>> report = {"provenance": {"settings": {"theorem": "plain", "data": "curves.csv"}}}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "report.json").write_text(json.dumps(report))
        ...     check_replaceable(Path(folder), {"theorem": "plain", "data": "curves.csv"})
        ...     check_replaceable(Path(folder), {"theorem": "other", "data": "curves.csv"})
        Traceback (most recent call last):
            ...
        bofcheck.compare.errors.CompareError: ...: holds a report on theorem plain, ...
    """
    before = _settings(folder / REPORT)
    if before is None:
        return
    difference = _difference(before, settings)
    if difference:
        raise CompareError(f"{folder}: holds a report {difference}; choose another --out")


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What the report of a folder is about instead; empty if it may be replaced."""
    if before.get("theorem") != after["theorem"]:
        known = before.get("theorem")
        about = f"on theorem {known}" if known else "on the paper's claims"
        return f"{about}, not on {after['theorem']}"
    old, new = before.get(FILES), after.get(FILES, {})
    if not isinstance(old, dict):  # written before reports kept their files
        old, new = {}, {}
    for role in new:
        if isinstance(old.get(role), Mapping) and not _same(old[role], new[role]):
            return f"made from {role} file {old[role].get('path')}, not from {new[role]['path']}"
    if before.get("data") != after.get("data") and not {"data"} & old.keys() & new.keys():
        named = [side.get("data") or "trained cells" for side in (before, after)]
        return f"made from {named[0]}, not from {named[1]}"
    return ""


def _same(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    same_content = new["sha256"] is not None and old.get("sha256") == new["sha256"]
    return bool(same_content or old.get("path") == new["path"])


def _settings(file: Path) -> dict[str, Any] | None:
    """The settings of a report of any version; None if there is no report, or none in it."""
    try:
        settings = json.loads(file.read_bytes())["provenance"]["settings"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return settings if isinstance(settings, dict) else None


def _checksum(file: Path) -> str | None:
    if not file.is_file():
        return None
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
