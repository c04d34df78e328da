"""``bofcheck doctor``: the software and hardware here, and whether the engines agree."""

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
    """Show this installation and check its engines.

    Prints versions, devices, threads and where compiled kernels are kept. The self-check trains
    the same arrays with both engines, direct and span, and compares what they log. It takes
    about five seconds, longer the first time, when kernels are compiled. The exit code is 3 if
    the engines disagree or something is missing.
    """
    from ..surroundings import surroundings

    environment = surroundings()
    agreement: Agreement | None = None
    failure = ""
    try:
        from ...simulate.self_check import engine_agreement

        agreement = engine_agreement()
    except Exception as error:  # this command is there to show a broken installation
        failure = f"{type(error).__name__}: {error}"
    holds = agreement is not None and agreement.holds
    document = {**environment, "self_check": _entry(agreement, failure), "ok": holds}
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
