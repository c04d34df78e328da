"""Check the files a command is about to write, before it computes anything."""

from __future__ import annotations

import json
from pathlib import Path

import click


def check_outputs(folder: Path) -> None:
    """Refuse a results folder whose report.json or report.html bofcheck did not write.

    A folder in which figures/ or tables/ is a file is refused too.

    Raises:
        click.UsageError: naming the path and what to do.
    """
    from ..compare.report.html import PAGE

    check_figures(folder)
    report = folder / "report.json"
    if report.is_dir():
        raise click.UsageError(
            f"{report}: is a folder where the report would go; choose another --out"
        )
    check_page(folder / PAGE)
    if report.exists():
        try:
            ours = json.loads(report.read_bytes()).get("format") == "bofcheck report"
        except (ValueError, AttributeError, OSError):
            ours = False
        if not ours:
            raise click.UsageError(f"{report}: is not a bofcheck report; choose another --out")


def check_figures(folder: Path) -> None:
    """Refuse a results folder in which figures/ or tables/ is a file.

    Raises:
        click.UsageError: naming the path and what to do.
    """
    for name in ("figures", "tables"):
        if (folder / name).exists() and not (folder / name).is_dir():
            raise click.UsageError(
                f"{folder / name}: is a file where {name} would go; choose another folder"
            )


def check_page(path: Path) -> None:
    """Refuse to replace a page that bofcheck did not write.

    Raises:
        click.UsageError: naming the path and what to do.
    """
    from ..compare.report.html import is_page

    if path.is_dir() or (path.exists() and not is_page(path)):
        raise click.UsageError(
            f"{path}: was not made by bofcheck; move it, or choose another folder"
        )
