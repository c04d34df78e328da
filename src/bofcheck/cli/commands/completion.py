"""``bofcheck completion``: the script that lets a shell complete bofcheck's commands."""

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
    """Print a shell's completion script.

    SHELL is bash, zsh or fish. The script completes commands, options and their values. Put the
    first example's line (with zsh for bash) into ~/.bashrc or ~/.zshrc; fish reads the file that
    the second example writes.
    """
    completion_class = get_completion_class(shell)
    if completion_class is None:
        raise click.BadParameter(f"click has no completion for {shell}.", param_hint="SHELL")
    # click's own script, without its check of bash's version: bash may not be installed here
    completion = completion_class(click.Command("bofcheck"), {}, "bofcheck", COMPLETION)
    script = completion.source_template % completion.source_vars()
    output.show(lambda: {"shell": shell, "script": script}, lambda: click.echo(script))
    return ExitCode.OK
