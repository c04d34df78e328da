"""Options and arguments that several commands share."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from .output import Output


class FilePath(click.Path):
    """A path as `pathlib.Path`; the empty text is none."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Refuse what no file can be called.

        Raises:
            click.BadParameter: the text is empty or holds a zero byte.
        """
        text = str(value)
        if not text.strip() or "\0" in text:
            self.fail(f"{text!r} is no path; give the name of a file or folder.", param, ctx)
        if max((len(os.fsencode(part)) for part in Path(text).parts), default=0) > 255:
            self.fail(f"{text[:20]!r}...: a name has at most 255 bytes; shorten it.", param, ctx)
        return Path(text)


PATH = FilePath()


def names(*allowed: str) -> dict[str, Any]:
    """Keywords of an option that takes one of a few names, checked by the command itself.

    >>> names("span", "direct")["metavar"]
    'span|direct'
    """

    def complete(ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
        return [CompletionItem(one) for one in allowed if one.startswith(begun)]

    return {"metavar": "|".join(allowed), "shell_complete": complete}


engine = click.option(
    "--engine",
    default="span",
    show_default=True,
    help="span: exact and fast, any dimension; direct: autograd on real arrays, the reference.",
    **names("span", "direct"),
)

device = click.option(
    "--device",
    default="cpu",
    show_default=True,
    help="cpu or cuda; for the direct engine any device torch has here.",
)

workers = click.option(
    "--workers",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="Train in N processes on this machine.  [default: in this one, on all cores]",
)

scheduler = click.option(
    "--scheduler",
    metavar="tcp://HOST:PORT",
    help="Train on the workers of a running dask cluster instead.",
)


def output(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --json and --quiet; the command gets them as its argument ``output``."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document, no tables.")
    @click.option(
        "-q",
        "--quiet",
        is_flag=True,
        help="Print nothing but errors: no tables, no progress; JSON if it is asked for.",
    )
    @functools.wraps(function)
    def command(*args: Any, as_json: bool, quiet: bool, **rest: Any) -> Any:
        return function(*args, output=Output(as_json, quiet), **rest)

    return command


def check_name(what: str, name: str, allowed: Sequence[str]) -> None:
    """Refuse a name that is not among those there are.

    Args:
        what: the option, e.g. ``"--engine"``.
        name: what was given.
        allowed: what may be given.

    Raises:
        click.BadParameter: naming those there are.
    """
    if name not in allowed:
        raise click.BadParameter(
            f"{name!r} is unknown; choose one of {', '.join(allowed)}.", param_hint=what
        )


def check_engine(name: str) -> None:
    """Refuse an unknown engine before anything else is done.

    Raises:
        click.BadParameter: naming the engines there are.
    """
    from ..simulate import engine_names

    check_name("--engine", name, engine_names())
