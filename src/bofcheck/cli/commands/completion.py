"""``bofcheck completion``: the script with which a shell completes bofcheck's commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from .. import options
from ..codes import ExitCode
from ..command import Command
from ..entry import COMPLETION
from ..output import Output

SHELLS = ("bash", "zsh", "fish")


@click.command(
    "completion",
    cls=Command,
    examples=[
        'eval "$(bofcheck completion bash)"',
        "bofcheck completion fish > ~/.config/fish/completions/bofcheck.fish",
    ],
)
@click.argument("shell", metavar="SHELL", type=click.Choice(SHELLS))
@options.output
def command(shell: str, output: Output) -> int:
    """Print the script for completion in a shell.

    SHELL is bash, zsh or fish. It completes commands, options and their names. Put the first
    example's line (with zsh for bash) into ~/.bashrc or ~/.zshrc; fish reads the file of the
    second.
    """
    found = get_completion_class(shell)
    if found is None:
        raise click.BadParameter(f"click has no completion for {shell}.", param_hint="SHELL")
    # click's own script, less its look at the version of a bash that may not be here
    made = found(click.Command("bofcheck"), {}, "bofcheck", COMPLETION)
    script = made.source_template % made.source_vars()
    output.show(lambda: {"shell": shell, "script": script}, lambda: click.echo(script))
    return ExitCode.OK
