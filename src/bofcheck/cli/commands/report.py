"""``bofcheck report``: rebuild the web page of a results folder."""

from __future__ import annotations

from pathlib import Path

import click

from .. import options
from ..codes import ExitCode
from ..command import Command
from ..output import Output


@click.command(
    "report",
    cls=Command,
    examples=["bofcheck report results/verify-both-quick", "bofcheck report . --quiet"],
)
@click.argument("folder", metavar="DIR", type=options.PATH)
@options.output
def command(folder: Path, output: Output) -> int:
    """Rebuild report.html from a folder's report.json and figures.

    DIR is a results folder with a report. The page is one self-contained file: it can be mailed,
    printed and put on the web. An older report.html by bofcheck is replaced.
    """
    from ...compare.report.files import read, reading
    from ...compare.report.html import PAGE, save_page
    from ...simulate.store.settings import check_writable
    from ..outputs import check_page

    if not folder.is_dir():
        raise click.BadParameter(f"{folder} is not a folder.", param_hint="DIR")
    check_page(folder / PAGE)
    check_writable(folder)
    document = read(folder / "report.json")
    with reading(folder):
        page = save_page(document, folder)
    output.show(
        lambda: {"page": str(page), "claims": len(document.claims)},
        lambda: click.echo(f"{page}: {len(document.claims)} verdicts"),
    )
    return ExitCode.OK
