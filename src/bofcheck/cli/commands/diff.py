"""``bofcheck diff``: how two reports differ."""

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
    """Show how two reports differ.

    A and B are report.json files or the folders that hold them. diff compares each claim's
    verdict, scope, provenance and numbers; of a bound the words for its powers, and how many wrong
    powers are rejected; the constants, and why some could not be fitted; the cells, their problems
    and how they were trained; and the software the reports were made with.
    The exit code is 0 if all but the software is equal, 1 if not, 2 for bad input.

    It does not compare what follows from these or explains them: reasons, evidence, worst cells,
    formulas, events, assumptions, fits without one number, and figures.
    """
    from ..._visible import visible
    from ...compare.report.diff import diff_reports
    from ...compare.report.files import read_comparable, reading
    from ..console import OutputConsole

    if math.isnan(tolerance):
        raise click.BadParameter(
            "nan is not a number; give one from 0 to 1.", param_hint="--tolerance"
        )
    reports = read_comparable(before), read_comparable(after)
    with reading(before, after):
        difference = diff_reports(*reports, tolerance=tolerance)
        lines, document = difference.lines(), difference.as_dict()

    def text() -> None:
        console = OutputConsole(highlight=False)
        for line in lines:
            console.print(visible(line), markup=False)

    output.show(lambda: document, text)
    return ExitCode.OK if difference.equal else ExitCode.VIOLATED
