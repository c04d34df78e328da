"""Progress on standard error: a bar for people at a terminal, a few plain lines otherwise."""

from __future__ import annotations

import sys
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
    """One line for each tenth of the work that is done."""
    last = -1

    def report(what: str, done: int, total: int) -> None:
        nonlocal last
        tenth = 10 * done // max(total, 1)
        if tenth > last:
            last = tenth
            with suppress(OSError):  # nobody reads it, and the work goes on
                print(f"bofcheck: {10 * tenth:3d}%  {what}", file=sys.stderr, flush=True)

    return report
