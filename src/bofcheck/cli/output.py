"""What a command prints: tables for people, JSON for programs, or nothing."""

from __future__ import annotations

import json
import math
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import click

from .._visible import visible_in_json
from .progress import Report, show_progress


@dataclass(frozen=True)
class Output:
    """How the user wants results printed; the same for every command.

    Attributes:
        as_json: print one JSON document on standard output, and no tables.
        quiet: print neither tables nor progress; JSON only where it is asked for.
    """

    as_json: bool = False
    quiet: bool = False

    def show(self, document: Callable[[], object], text: Callable[[], object]) -> None:
        """Print a result in the chosen form.

        Args:
            document: builds the JSON document.
            text: prints the result for people.
        """
        if self.as_json:
            shown = json.dumps(document(), indent=2, allow_nan=False, ensure_ascii=False)
            click.echo(visible_in_json(shown))
        elif not self.quiet:
            text()

    def note(self, message: str) -> None:
        """Print a message on standard error while the command is running."""
        if not self.quiet:
            with suppress(OSError):  # nobody reads it
                click.echo(f"bofcheck: {message}", err=True)

    @contextmanager
    def progress(self) -> Iterator[Report]:
        """As `show_progress`; nothing is shown if quiet."""
        if self.quiet:
            yield lambda what, done, total: None
        else:
            with show_progress() as report:
                yield report


def fact_line(name: str, text: str) -> str:
    """A name and its text, indented; wrapped on a terminal, on one line in a pipe.

    >>> fact_line("source", "Theorem 4.2")
    '  source        Theorem 4.2'
    """
    line = f"  {name:<14}{text}"
    if not sys.stdout.isatty():
        return line
    width = max(shutil.get_terminal_size().columns - 1, 40)
    return textwrap.fill(line, width, subsequent_indent=" " * 16, break_on_hyphens=False)


def json_number(value: float) -> float | str | None:
    """A number in strict JSON: null for NaN, "inf" and "-inf" for infinities.

    >>> json_number(-math.inf), json_number(math.nan), json_number(0.5)
    ('-inf', None, 0.5)
    """
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else str(value)
