"""The command group, which finds its commands in ``commands/`` and imports them on demand."""

from __future__ import annotations

import click

from .._registry import load, module_names

COMMANDS = "bofcheck.cli.commands"


class LazyGroup(click.Group):
    """A group whose commands are the modules of `bofcheck.cli.commands`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        return list(module_names(COMMANDS))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; None if there is no such command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        return load(COMMANDS, cmd_name, "command", click.Command)
