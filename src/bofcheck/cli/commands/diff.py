"""``bofcheck diff``: in what two reports differ."""

from __future__ import annotations

import math
from pathlib import Path

import click

from .. import options
from ..codes import ExitCode
from ..command import Command
from ..output import Output


@click.command(
    "diff",
    cls=Command,
    examples=[
        "bofcheck diff results/before results/after",
        "bofcheck diff old.json new.json --tolerance 1e-6 --json",
    ],
)
@click.argument("before", metavar="A", type=options.PATH)
@click.argument("after", metavar="B", type=options.PATH)
@click.option(
    "--tolerance",
    default=0.0,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Relative change up to which a number counts as equal.",
)
@options.output
def command(before: Path, after: Path, tolerance: float, output: Output) -> int:
    """Show in what two reports differ.

    A and B are report.json files or the folders they lie in. Compared are verdicts, their numbers,
    the constants, the cells, and what the reports were made with. Exit code 0 if all but the last
    are equal, 1 if not, 2 for bad input.
    """
    from ...compare.diff import diff_reports
    from ...compare.reading import read_comparable
    from ..console import OutputConsole

    if math.isnan(tolerance):
        raise click.BadParameter(
            "nan is no number; give one from 0 to 1.", param_hint="--tolerance"
        )
    found = diff_reports(read_comparable(before), read_comparable(after), tolerance=tolerance)

    def text() -> None:
        console = OutputConsole(highlight=False)
        for line in found.lines():
            console.print(line, markup=False)

    output.show(found.as_dict, text)
    return ExitCode.OK if found.equal else ExitCode.VIOLATED
