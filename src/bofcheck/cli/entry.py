"""`main`: run a command and turn any outcome into one line and an exit code."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn, TextIO

import click
from click.shell_completion import shell_complete

from .._version import __version__
from .._visible import visible
from .codes import ExitCode
from .environment import check_interpreter, settle_process
from .group import LazyGroup


@click.group(
    name="bofcheck",
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="bofcheck")
@click.pass_context
def bofcheck(ctx: click.Context) -> int:
    """Check a learning-theory paper's bounds against trained transformers.

    Exit codes: 0 nothing violated, 1 a claim violated, 2 bad input, 3 the run failed,
    130 interrupted. Set BOFCHECK_DEBUG=1 to see the traceback of an error.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
    return ExitCode.OK


#: Longest error message in characters; the rest is cut.
LONGEST = 1000
#: Environment variable through which a shell asks for completions.
COMPLETION = "_BOFCHECK_COMPLETE"


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit.

    Args:
        args: the command line without the program's name; `sys.argv` if None.
    """
    if COMPLETION in os.environ:
        failed = shell_complete(bofcheck, {}, "bofcheck", COMPLETION, os.environ[COMPLETION])
        sys.exit(ExitCode.BAD_INPUT if failed else ExitCode.OK)
    settle_process()
    code = run(list(sys.argv[1:] if args is None else args))
    for stream in (sys.stdout, sys.stderr):
        _flushed(stream)
    if code == ExitCode.INTERRUPTED:  # the message is out: another Ctrl-C must not change the code
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(code)


def run(args: list[str]) -> int:
    """Run one command.

    Returns:
        Its exit code; every error is one line on standard error.
    """
    for stream in (sys.stdout, sys.stderr):
        # a terminal that cannot show a character shows "?" instead
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        check_interpreter()
        with bofcheck.make_context("bofcheck", args) as context:
            code = bofcheck.invoke(context)
        if sys.stdout is not None:
            sys.stdout.flush()
        return int(code or 0)
    except click.exceptions.Exit as stop:
        return int(stop.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return _report("interrupted; nothing was kept", ExitCode.INTERRUPTED)
    except click.ClickException as error:
        known = error.exit_code in (ExitCode.INTERRUPTED, ExitCode.FAILED)
        code = ExitCode(error.exit_code) if known else ExitCode.BAD_INPUT
        return _report(_with_hint(error), code)
    except OSError as error:
        closed = isinstance(error, BrokenPipeError)
        if _flushed(sys.stdout) and not closed:
            return _report(*_judge(error))
        why = "was closed" if closed else f"cannot be written ({error.strerror})"
        return _report(f"standard output {why} before all was printed", ExitCode.FAILED)
    except Exception as error:  # the last resort of every command
        return _report(*_judge(error))


def _judge(error: Exception) -> tuple[str, ExitCode]:
    """Message and exit code of an error that a command did not handle."""
    # a part that was not loaded raised nothing, and loading it may be what failed
    if "bofcheck.simulate" in sys.modules:
        from ..simulate import ClusterLostError, SimulationError, StoreWriteError

        if isinstance(error, StoreWriteError | ClusterLostError):
            return str(error), ExitCode.FAILED
        if isinstance(error, SimulationError):
            return str(error), ExitCode.BAD_INPUT
    if "bofcheck.compare" in sys.modules:
        from ..compare.errors import CompareError

        if isinstance(error, CompareError):
            return str(error), ExitCode.BAD_INPUT
    hint = "set BOFCHECK_DEBUG=1 to see where; finished cells are kept"
    return f"the run failed: {type(error).__name__}: {error} ({hint})", ExitCode.FAILED


def _with_hint(error: click.ClickException) -> str:
    """Click's message, with the command whose help explains it."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    message = error.format_message().rstrip(".")
    return f"{message}; see {context.command_path} --help" if context else message


def _report(message: str, code: ExitCode) -> int:
    if os.environ.get("BOFCHECK_DEBUG") == "1":
        traceback.print_exc()
    one_line = visible(" ".join(message.split()))
    if len(one_line) > LONGEST:
        one_line = f"{one_line[:LONGEST]}..."
    if sys.stderr is None:  # `print` would take standard output instead
        return int(code)
    with contextlib.suppress(OSError):
        kind = "" if code == ExitCode.INTERRUPTED else "error: "
        print(f"bofcheck: {kind}{one_line}", file=sys.stderr, flush=True)
    return int(code)


def _flushed(stream: TextIO | None) -> bool:
    """Whether all that was printed is out; the rest of a stream that fails goes nowhere.

    Python would try again at exit, and exit with another code.
    """
    if stream is None:
        return True
    try:
        stream.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return False
    return True
