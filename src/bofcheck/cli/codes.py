"""Exit codes of every command, and the exceptions that lead to them."""

from __future__ import annotations

from enum import IntEnum

import click


class ExitCode(IntEnum):
    """What the shell learns from a command."""

    OK = 0
    VIOLATED = 1
    BAD_INPUT = 2
    FAILED = 3
    INTERRUPTED = 130


class InterruptedRun(click.ClickException):
    """Ctrl-C arrived; the message says what is kept and how to go on."""

    exit_code = ExitCode.INTERRUPTED
