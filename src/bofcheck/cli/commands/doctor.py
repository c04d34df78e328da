"""``bofcheck doctor``: what bofcheck runs on here, and whether its engines agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .. import options
from ..codes import ExitCode
from ..command import Command
from ..output import Output, fact_line

if TYPE_CHECKING:
    from ...simulate.self_check import Agreement


@click.command("doctor", cls=Command, examples=["bofcheck doctor", "bofcheck doctor --json"])
@options.output
def command(output: Output) -> int:
    """Look at this installation and check its engines.

    Prints versions, devices, threads and where compiled kernels are kept. The self-check trains
    the same arrays with both engines, direct and span, and compares what they log. It takes
    some five seconds, longer the first time, when kernels are compiled. The exit code is 3 if
    they disagree or something is missing.
    """
    from ..surroundings import surroundings

    found = surroundings()
    agreement: Agreement | None = None
    failure = ""
    try:
        from ...simulate.self_check import engine_agreement

        agreement = engine_agreement()
    except Exception as error:  # a broken install is what this command is there to show
        failure = f"{type(error).__name__}: {error}"
    holds = agreement is not None and agreement.holds
    document = {**found, "self_check": _entry(agreement, failure), "ok": holds}
    output.show(lambda: document, lambda: _print(document))
    if not holds and output.quiet:
        click.echo(f"bofcheck: error: {document['self_check']['line']}", err=True)
    return ExitCode.OK if holds else ExitCode.FAILED


def _entry(agreement: Agreement | None, failure: str) -> dict[str, Any]:
    if agreement is None:
        return {"holds": False, "line": f"the self-check could not run: {failure}"}
    return {
        "holds": agreement.holds,
        "line": agreement.line(),
        "largest_difference": agreement.largest,
        "quantity": agreement.quantity,
        "limit": agreement.limit,
        "seconds": round(agreement.seconds, 2),
    }


def _print(document: dict[str, Any]) -> None:
    for title in ("versions", "machine", "threads", "devices", "kernel_cache"):
        click.echo(title.replace("_", " "))
        for name, value in document[title].items():
            shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            click.echo(fact_line(name.replace("_", " "), shown))
    click.echo("self-check")
    click.echo(fact_line("engines", document["self_check"]["line"]))
