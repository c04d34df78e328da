"""The command group, which finds its commands in ``commands/`` and imports them on demand."""

from __future__ import annotations

import importlib
import pkgutil

import click

from . import commands


class LazyGroup(click.Group):
    """A group whose commands are the modules of `bofcheck.cli.commands`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        return sorted(module.name for module in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, None if there is none."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{commands.__name__}.{cmd_name}")
        found: click.Command = module.command
        return found
