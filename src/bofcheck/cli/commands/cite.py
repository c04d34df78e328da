"""``bofcheck cite``: how to cite bofcheck and the paper."""

from __future__ import annotations

import click

from ..._citation import FORMS
from .. import options
from ..codes import ExitCode
from ..command import Command
from ..output import Output


@click.command(
    "cite",
    cls=Command,
    examples=["bofcheck cite", "bofcheck cite --format apa", "bofcheck cite >> references.bib"],
)
@click.option(
    "--format",
    "form",
    default="bibtex",
    show_default=True,
    type=click.Choice(list(FORMS)),
    help="bibtex and apa: an entry for each; text: one sentence.",
)
@options.output
def command(form: str, output: Output) -> int:
    """Print how to cite bofcheck and the paper.

    With --json all forms are printed.
    """
    output.show(
        lambda: {name: make() for name, make in FORMS.items()}, lambda: click.echo(FORMS[form]())
    )
    return ExitCode.OK
