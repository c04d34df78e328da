"""Exit codes of every command, and the exceptions that lead to them."""

from __future__ import annotations

from enum import IntEnum

import click


class ExitCode(IntEnum):
    """The exit code of a command."""

    OK = 0
    VIOLATED = 1
    BAD_INPUT = 2
    FAILED = 3
    INTERRUPTED = 130


class EnvironmentFault(click.ClickException):
    """The machine does not let the command run; the message says what to change."""

    exit_code = ExitCode.FAILED


class InterruptedRun(click.ClickException):
    """The run was interrupted by Ctrl-C; the message says what is kept and how to continue."""

    exit_code = ExitCode.INTERRUPTED
