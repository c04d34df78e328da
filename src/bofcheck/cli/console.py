"""The console tables are printed on."""

from __future__ import annotations

from typing import NoReturn

from rich.console import Console


class OutputConsole(Console):
    """rich's console, except that a closed pipe is an error like any other.

    rich itself would exit with code 1, which here means that a claim is violated.
    """

    def on_broken_pipe(self) -> NoReturn:
        """Called where writing failed.

        Raises:
            BrokenPipeError: always.
        """
        raise BrokenPipeError
