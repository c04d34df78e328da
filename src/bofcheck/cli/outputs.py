"""Check the files a command is about to write, before it computes anything."""

from __future__ import annotations

import json
from pathlib import Path

import click

from .codes import EnvironmentFault


def check_outputs(folder: Path) -> None:
    """Refuse a results folder that cannot be written, or whose report bofcheck did not write.

    A folder in which figures/, tables/ or claims/ is a file or cannot be written is refused too,
    and so is a machine on which matplotlib cannot be loaded.

    Raises:
        click.UsageError: naming the path and what to do.
        StoreError: naming the folder that cannot be written.
        EnvironmentFault: matplotlib finds no folder for its cache.
    """
    from ..compare.report.html import PAGE
    from ..simulate.store.settings import check_writable

    check_folder(folder)
    check_writable(folder)
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
    try:
        from ..compare import figures  # noqa: F401
    except OSError as error:
        raise EnvironmentFault(f"figures cannot be drawn: {error}") from None


def check_folder(folder: Path) -> None:
    """Refuse a results folder that is a file, or lies below one.

    Raises:
        click.UsageError: naming the path and what to do.
    """
    for path in (folder, *folder.parents):
        if path.exists() and not path.is_dir():
            raise click.UsageError(
                f"{path}: is a file where results would go; choose another --out"
            )


def check_figures(folder: Path) -> None:
    """Refuse a results folder in which figures/, tables/ or claims/ is a file or read-only.

    Raises:
        click.UsageError: naming the path and what to do.
        StoreError: naming the folder that cannot be written.
    """
    from ..simulate.store.settings import check_writable

    for name in ("figures", "tables", "claims"):
        place = folder / name
        if place.is_dir():
            check_writable(place)
        elif place.exists():
            raise click.UsageError(
                f"{place}: is a file where {name} would go; choose another folder"
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
