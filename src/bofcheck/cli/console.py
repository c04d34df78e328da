"""The console on which tables are printed."""

from __future__ import annotations

from typing import NoReturn

from rich.console import Console


class OutputConsole(Console):
    """rich's console, except that a closed pipe is an error like any other.

    rich would exit with code 1, which here means that a claim is violated.
    """

    def on_broken_pipe(self) -> NoReturn:
        """Called when writing has failed.

        Raises:
            BrokenPipeError: always.
        """
        raise BrokenPipeError
