"""Options and arguments that several commands share."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from .._registry import listed
from .output import Output


class FilePath(click.Path):
    """A path as `pathlib.Path`; empty text is refused."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Refuse text that cannot name a file.

        Raises:
            click.BadParameter: the text is empty or holds a zero byte.
        """
        text = str(value)
        if not text.strip() or "\0" in text:
            self.fail(f"{text!r} is not a path; give the name of a file or folder.", param, ctx)
        if max((len(os.fsencode(part)) for part in Path(text).parts), default=0) > 255:
            self.fail(f"{text[:20]!r}...: longer than 255 bytes a name; shorten it.", param, ctx)
        return Path(text)


PATH = FilePath()


def _pairs(ctx: click.Context, param: click.Parameter, value: str | None) -> dict[str, str]:
    """Pairs NAME=COLUMN, separated by commas.

    Raises:
        click.BadParameter: a text is not NAME=COLUMN, or a name is given twice.
    """
    pairs: dict[str, str] = {}
    for text in value.split(",") if value is not None else ():
        name, equals, column = (part.strip() for part in text.partition("="))
        if not equals or not name or not column:
            raise click.BadParameter(
                f"{text!r} is not NAME=COLUMN, e.g. step=Step,run=Seed,train_loss=train/loss."
            )
        if name in pairs:
            raise click.BadParameter(f"{name} is given twice; give it once.")
        pairs[name] = column
    return pairs


def _your_model(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    """Execute a model's file before anything names that model.

    Raises:
        click.ClickException: the file or its model has a fault.
    """
    if value is not None and not ctx.resilient_parsing:
        from ..simulate import ProblemError, read_model

        try:
            read_model(value)
        except ProblemError as error:
            raise click.ClickException(str(error)) from None
    return value


your_model = click.option(
    "--model",
    "model_file",
    metavar="FILE.py",
    type=PATH,
    callback=_your_model,
    help="Your own model: a Python file that defines MODEL. It is executed, and checked against "
    "real arrays first.",
)

columns = click.option(
    "--columns",
    callback=_pairs,
    metavar="NAME=COLUMN,...",
    help="What columns of --data are called, where their header does not say: step=Step,run=Seed,"
    "train_loss=train/loss,eta=lr.",
)


def completed(known: Callable[[], Iterable[str]], metavar: str) -> dict[str, Any]:
    """Keywords for an option or argument that takes a name, which the command itself checks.

    Args:
        known: gives the names; called when a shell asks for completions.
        metavar: what the help shows.

    >>> completed(lambda: ("quick", "paper"), "PRESET")["metavar"]
    'PRESET'
    """

    def complete(ctx: click.Context, param: click.Parameter, prefix: str) -> list[CompletionItem]:
        return [CompletionItem(name) for name in known() if name.startswith(prefix)]

    return {"metavar": metavar, "shell_complete": complete}


def names(package: str, first: str = "") -> dict[str, Any]:
    """Keywords for an option that takes the name of a module of an open folder.

    Args:
        package: dotted name of the folder.
        first: the name shown first, for a default.

    >>> names("bofcheck.simulate.engines", first="span")["metavar"]
    'span|direct'
    """
    known = listed(package, first)
    return completed(lambda: known, "|".join(known))


engine = click.option(
    "--engine",
    default="span",
    show_default=True,
    help="span: exact and fast, any dimension; direct: autograd on real arrays, the reference.",
    **names("bofcheck.simulate.engines", first="span"),
)

device = click.option(
    "--device",
    default="cpu",
    show_default=True,
    help="cpu or cuda; for the direct engine any device that torch has here.",
)

log = click.option(
    "--log",
    "log_at",
    default="geometric:64",
    show_default=True,
    metavar="geometric:K|every:K",
    help="Which steps to log: about K spaced geometrically, or every K-th.",
)

workers = click.option(
    "--workers",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="Train in N processes on this machine.  [default: this process, on all cores]",
)

scheduler = click.option(
    "--scheduler",
    metavar="tcp://HOST:PORT",
    help="Train on the workers of a running dask cluster instead.",
)


def output(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --json and --quiet; the command receives them as its argument ``output``."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document, no tables.")
    @click.option(
        "-q",
        "--quiet",
        is_flag=True,
        help="Print only errors: no tables, no progress; JSON if --json is given.",
    )
    @functools.wraps(function)
    def command(*args: Any, as_json: bool, quiet: bool, **rest: Any) -> Any:
        return function(*args, output=Output(as_json, quiet), **rest)

    return command


def check_name(what: str, name: str, allowed: Sequence[str]) -> None:
    """Refuse a name that is not an allowed value of an option.

    Args:
        what: the option, e.g. ``"--engine"``.
        name: the value given.
        allowed: the allowed values.

    Raises:
        click.BadParameter: naming the allowed values.
    """
    if name not in allowed:
        from ..theory.errors import nearest_hint

        raise click.BadParameter(
            f"{name!r} is unknown; choose one of {', '.join(allowed)}{nearest_hint(name, allowed)}",
            param_hint=what,
        )


def check_engine(name: str) -> None:
    """Refuse an unknown engine before anything else is done.

    Raises:
        click.BadParameter: naming the known engines.
    """
    from ..simulate import engine_names

    check_name("--engine", name, engine_names())
