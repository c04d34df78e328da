"""``bofcheck assumptions``: Assumption 4.1 at the numbers of one problem."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import options
from ..codes import ExitCode
from ..command import Command
from ..output import Output, json_number
from ..theory_input import theory_input

if TYPE_CHECKING:
    from ...theory import AssumptionReport


@click.command(
    "assumptions",
    cls=Command,
    examples=[
        "bofcheck assumptions problem.toml",
        "bofcheck assumptions problem.toml --constant 0.5 --json",
    ],
)
@click.argument("problem", metavar="PROBLEM.toml", type=options.PATH)
@click.option(
    "--constant",
    default=1.0,
    show_default=True,
    type=float,
    metavar="C",
    help="The constant of Assumption 4.1.",
)
@options.output
def command(problem: Path, constant: float, output: Output) -> int:
    """Check Assumption 4.1 at a problem's numbers.

    Prints one row per inequality: both sides, how many times over it is met, and whether it holds;
    then the largest constant C for which all hold. A problem that does not meet it is not an
    error.
    """
    from ...compare.cells import theory_values
    from ...simulate import Problem
    from ...theory import check_assumptions

    values = theory_values(Problem.from_file(problem))
    with theory_input():
        report = check_assumptions(values, constant)
    output.show(lambda: _document(report, problem, values), lambda: _print_table(report, problem))
    return ExitCode.OK


def _document(report: AssumptionReport, problem: Path, values: dict[str, float]) -> object:
    return {
        "problem": str(problem),
        "provenance": "RECONSTRUCTED",
        "constant": report.constant,
        "holds": report.holds,
        "failing_items": list(report.failing),
        "largest_constant": json_number(report.largest_constant),
        "values": values,
        "rows": [
            {
                "item": row.item,
                "text": row.text,
                "left": row.left,
                "relation": row.relation,
                "right": row.right,
                "ratio": json_number(row.ratio),
                "holds": row.holds,
                "involves_constant": row.involves_constant,
                "latex": row.latex,
            }
            for row in report.rows
        ],
    }


def _print_table(report: AssumptionReport, problem: Path) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from ...compare.report.terminal import WIDE
    from ..console import OutputConsole

    console = OutputConsole()
    wide = console.width >= WIDE
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("item", "left", "right", "ratio", "holds") if wide else ("item", "ratio", "holds"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("restricts" if wide else "inequality", overflow="fold")
    for row in report.rows:
        left, right = f"{row.left:.4g}", f"{row.relation} {row.right:.4g}"
        ratio, holds = f"{row.ratio:.3g}", "yes" if row.holds else "no"
        if wide:
            table.add_row(str(row.item), left, right, ratio, holds, Text(row.text))
        else:
            table.add_row(str(row.item), ratio, holds, Text(f"{row.text}:\n{left} {right}"))
    title = f"{problem.name}: Assumption 4.1 (RECONSTRUCTED) at C = {report.constant:g}"
    console.print(Text(title), soft_wrap=not console.is_terminal)
    console.print(table)
    console.print(Text(_conclusion(report)), soft_wrap=not console.is_terminal)


def _conclusion(report: AssumptionReport) -> str:
    """Whether all inequalities hold, and up to which constant they would."""
    items = ", ".join(map(str, report.failing))
    plural = "s" if len(report.failing) > 1 else ""
    first = "all inequalities hold" if report.holds else f"not met: item{plural} {items}"
    if report.largest_constant == 0:
        return f"{first}; an inequality without C fails, so no constant makes all hold"
    if math.isinf(report.largest_constant):
        return f"{first}; they hold for every C"
    return f"{first}; the largest C for which all hold is {report.largest_constant:.6g}"
