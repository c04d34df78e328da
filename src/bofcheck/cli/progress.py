"""Progress on standard error: a bar for people at a terminal, a few plain lines otherwise."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Report = Callable[[str, int, int], None]


@contextmanager
def show_progress() -> Iterator[Report]:
    """Yield a function to call with (what is running, units done, units in total)."""
    if sys.stderr is None:  # closed by the process that started this
        yield lambda what, done, total: None
    elif sys.stderr.isatty():
        with _bar() as report:
            yield report
    else:
        yield _lines()


@contextmanager
def _bar() -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)

        def report(what: str, done: int, total: int) -> None:
            progress.update(task, description=what, completed=done, total=total)

        yield report


def _lines() -> Report:
    """One line for each tenth of the work that is done, with the time that the rest will take."""
    last, first = -1, -1
    began = time.monotonic()

    def report(what: str, done: int, total: int) -> None:
        nonlocal last, first
        first = done if first < 0 else first
        tenth = 10 * done // max(total, 1)
        if tenth > last:
            last = tenth
            left = _left(time.monotonic() - began, done - first, total - done)
            with suppress(OSError):  # nobody reads it, and the work goes on
                print(f"bofcheck: {10 * tenth:3d}%  {what}{left}", file=sys.stderr, flush=True)

    return report


def _left(seconds: float, done: int, rest: int) -> str:
    """How long the rest will take at the pace so far; nothing if that is not known.

    >>> _left(60.0, 10, 30), _left(3.0, 10, 30), _left(60.0, 0, 30), _left(60.0, 30, 0)
    (', about 3 min left', ', about 9 s left', '', '')
    """
    if done <= 0 or rest <= 0:
        return ""
    left = seconds * rest / done
    return f", about {left / 60:.0f} min left" if left >= 90 else f", about {left:.0f} s left"
