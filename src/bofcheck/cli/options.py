"""Options and arguments that several commands share."""

from __future__ import annotations

import click

engine = click.option(
    "--engine",
    default="span",
    show_default=True,
    metavar="span|direct",
    help="span: exact and fast, any dimension; direct: autograd on real arrays, the reference.",
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


def check_engine(name: str) -> None:
    """Refuse an unknown engine before anything else is done.

    Raises:
        click.BadParameter: naming the engines there are.
    """
    from ..simulate import engine_names

    if name not in engine_names():
        allowed = ", ".join(engine_names())
        raise click.BadParameter(
            f"{name!r} is unknown; choose one of {allowed}.", param_hint="--engine"
        )
