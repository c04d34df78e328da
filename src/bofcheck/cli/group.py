"""The command group, which finds its commands in ``commands/`` and imports them on demand."""

from __future__ import annotations

from difflib import get_close_matches

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
        known = self.list_commands(ctx)
        if cmd_name not in known:
            near = get_close_matches(cmd_name.lower(), known, n=1, cutoff=0.7)
            if near and not ctx.resilient_parsing:
                ctx.fail(f"No such command {cmd_name!r}; did you mean {near[0]}?")
            return None
        return load(COMMANDS, cmd_name, "command", click.Command)
