"""`Command`: a click command with examples in its help and a look at its surroundings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from .environment import check_environment


class Command(click.Command):
    """A command of bofcheck.

    Args:
        examples: command lines shown at the end of the help, as they would be typed.
        rest: as `click.Command` takes it.
    """

    def __init__(self, *args: Any, examples: Sequence[str] = (), **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.examples = tuple(examples)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, unwrapped so that they can be copied."""
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"{'':>{formatter.current_indent}}{example}\n")

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, once the environment is known to be usable."""
        check_environment()
        return super().invoke(ctx)
