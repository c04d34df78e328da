"""``bofcheck export``: a results folder as a table for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from ..codes import ExitCode


@click.command("export")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--to", "form", required=True, type=click.Choice(["csv"]), help="Form of the file.")
@click.option(
    "--out",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="File to write; must not exist yet.",
)
def command(folder: Path, form: str, out: Path) -> int:
    """Write a results folder as one flat table.

    One row per cell, seed and step. DIR is a folder that `bofcheck verify` or
    `bofcheck simulate` has written. Numbers read back exactly.
    """
    if out.exists() or out.is_symlink():
        raise click.BadParameter(f"{out} exists; choose another file.", param_hint="--out")
    if not out.parent.is_dir():
        raise click.BadParameter(f"{out.parent} is no folder; create it first.", param_hint="--out")
    from ...simulate import StoreWriteError, open_store
    from ...simulate.atomic import write_atomically
    from ...simulate.table import csv_chunks

    store = open_store(folder)
    try:
        write_atomically(out, csv_chunks(store))
    except OSError as error:
        raise StoreWriteError(f"{out}: cannot be written: {error.strerror}") from None
    click.echo(f"{out}: {len(store.names())} cells as {form}")
    return ExitCode.OK
