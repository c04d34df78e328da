"""``bofcheck rebuild``: write a results folder's manifest anew."""

from __future__ import annotations

from pathlib import Path

import click

from ..codes import ExitCode


@click.command("rebuild")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def command(folder: Path) -> int:
    """Write a results folder's manifest anew from its shard files.

    For a folder whose manifest or shards are damaged. Shards that read back sound are kept as
    they are; the others are given up, and the command that made DIR trains them again.
    """
    from ...simulate.store import rebuild

    count, given_up = rebuild(folder)
    click.echo(f"{folder}: {count} shard{'s' if count != 1 else ''} in the manifest")
    for path in given_up:
        click.echo(f"given up: {path}")
    return ExitCode.OK
