"""Environment variables that would end a command with a traceback of another library."""

from __future__ import annotations

import os

import click

#: Largest number of threads; Numba starts them all.
MOST_THREADS = 1024


def check_environment() -> None:
    """Refuse a number of threads that Numba would fail on.

    Raises:
        click.ClickException: naming the variable, its value and what is allowed.
    """
    text = os.environ.get("NUMBA_NUM_THREADS")
    if text is None:
        return
    try:
        count = int(text)
    except ValueError:
        count = 0
    if not 1 <= count <= MOST_THREADS:
        raise click.ClickException(
            f"NUMBA_NUM_THREADS={text!r}: must be a whole number from 1 to {MOST_THREADS}; "
            "change the environment variable, or unset it for as many as there are cores"
        )
