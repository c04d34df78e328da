"""``bofcheck theorems``: what each paper asserts, of which model, and how it is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import options
from ..codes import ExitCode
from ..command import Command
from ..output import Output

if TYPE_CHECKING:
    from ...theory import Theorem


@click.command(
    "theorems",
    cls=Command,
    examples=["bofcheck theorems", "bofcheck theorems kou2023", "bofcheck theorems --json"],
)
@click.argument("names", metavar="[NAME ...]", nargs=-1)
@click.option(
    "--results",
    default=Path("results"),
    show_default=True,
    metavar="DIR",
    type=options.PATH,
    help="Where verdicts are looked up, in DIR/verify-NAME and DIR/verify-all-theorems.",
)
@options.output
def command(names: tuple[str, ...], results: Path, output: Output) -> int:
    """List every theorem with its paper, model and verdicts.

    A theorem whose model is trained here is decided by bofcheck verify --theorem NAME, all of
    them by --theorem all; the others by --theorem NAME --data CURVES.
    """
    from ...compare.report.theorems import theorems_table
    from ...theory import get_theorem
    from ..console import OutputConsole
    from ..theory_input import theorem_names, theory_input

    with theory_input():
        chosen = [get_theorem(name) for name in names or theorem_names()]
    rows = [_row(theorem, results) for theorem in chosen]
    output.show(lambda: {"theorems": rows}, lambda: OutputConsole().print(theorems_table(rows)))
    return ExitCode.OK


def _row(theorem: Theorem, results: Path) -> dict[str, Any]:
    from ...compare.userdata.claims import theorem_claims

    last = _last(theorem, results)
    return {
        "name": theorem.name,
        "title": theorem.title,
        "source": theorem.source,
        "model": theorem.model or "bofcheck's two-layer transformer",
        "trained_as": theorem.trained_as or ("" if theorem.model else "attention"),
        "statements": [
            {
                "id": claim.id,
                "statement": claim.statement,
                "provenance": claim.provenance.value,
                "seen": claim.seen,
                "verdict": last.get(claim.id),
            }
            for claim in theorem_claims(theorem, trained=True)
        ],
    }


def _last(theorem: Theorem, results: Path) -> dict[str, str]:
    """Statement -> its verdict in the results folders, the theorem's own before that of all."""
    from ...compare import CompareError
    from ...compare.report import read_comparable
    from ...compare.verdict import Status

    verdicts: dict[str, str] = {}
    for folder in (results / "verify-all-theorems", results / f"verify-{theorem.name}"):
        try:
            entries = read_comparable(folder)["claims"]
        except CompareError:
            continue
        for entry in entries:
            if entry["regime"] == theorem.regime:
                status = Status(entry["verdict"])
                verdicts[entry["id"]] = status.shown(weak=bool(entry.get("weak")))
    return verdicts
