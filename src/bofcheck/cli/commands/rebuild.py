"""``bofcheck rebuild``: rebuild a results folder's manifest."""

from __future__ import annotations

from pathlib import Path

import click

from .. import options
from ..codes import ExitCode
from ..command import Command
from ..output import Output


@click.command("rebuild", cls=Command, examples=["bofcheck rebuild results/mine"])
@click.argument("folder", metavar="DIR", type=options.PATH)
@options.output
def command(folder: Path, output: Output) -> int:
    """Rebuild a results folder's manifest from its shard files.

    For a folder whose manifest or shards are damaged. Sound shards are kept as they are; damaged
    ones are given up, and the command that made DIR trains them again.
    """
    from ...simulate.store import rebuild

    count, given_up = rebuild(folder)
    lines = [f"{folder}: {count} shard{'s' if count != 1 else ''} in the manifest"]
    lines += [f"given up: {path}" for path in given_up]
    output.show(
        lambda: {
            "folder": str(folder),
            "shards": count,
            "given_up": [str(path) for path in given_up],
        },
        lambda: click.echo("\n".join(lines)),
    )
    return ExitCode.OK
