"""Environment variables that would make another library end a command with a traceback."""

from __future__ import annotations

import os

import click

#: Largest number of threads; Numba starts them all.
MOST_THREADS = 1024


def check_environment() -> None:
    """Refuse a number of threads on which Numba would fail.

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
            "change the environment variable, or unset it to use every core"
        )
