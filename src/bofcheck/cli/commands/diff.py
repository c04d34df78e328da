"""``bofcheck diff``: in what two reports differ."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ..codes import ExitCode


@click.command("diff")
@click.argument("before", metavar="A", type=click.Path(path_type=Path))
@click.argument("after", metavar="B", type=click.Path(path_type=Path))
@click.option(
    "--tolerance",
    default=0.0,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Relative change up to which a number counts as equal.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
def command(before: Path, after: Path, tolerance: float, as_json: bool) -> int:
    """Show in what two reports differ.

    A and B are report.json files or the folders they lie in. Compared are verdicts, their numbers,
    the constants, the cells, and what the reports were made with. Exit code 0 if all but the last
    are equal, 1 if not, 2 for bad input.
    """
    from ...compare.diff import diff_reports
    from ...compare.reading import read_report
    from ..console import OutputConsole

    found = diff_reports(read_report(before), read_report(after), tolerance=tolerance)
    if as_json:
        click.echo(json.dumps(found.as_dict(), indent=2, allow_nan=False, ensure_ascii=False))
    else:
        console = OutputConsole(highlight=False)
        for line in found.lines():
            console.print(line, markup=False)
    return ExitCode.OK if found.equal else ExitCode.VIOLATED
