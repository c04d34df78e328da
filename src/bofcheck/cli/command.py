"""`Command`: a click command with examples in its help and a check of the environment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from .environment import check_environment


class Command(click.Command):
    """A command of bofcheck.

    Args:
        examples: command lines shown at the end of the help, as one would type them.
        rest: arguments of `click.Command`.
    """

    def __init__(self, *args: Any, examples: Sequence[str] = (), **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.examples = tuple(examples)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples without wrapping, so that they can be copied."""
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"{'':>{formatter.current_indent}}{example}\n")

    def invoke(self, ctx: click.Context) -> Any:
        """Check the environment, then run the command."""
        check_environment()
        return super().invoke(ctx)
