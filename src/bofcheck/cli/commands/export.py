"""``bofcheck export``: a results folder as a file for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from ..codes import ExitCode


@click.command("export")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--to", "form", required=True, metavar="csv|netcdf|parquet|npz", help="Form of the file."
)
@click.option(
    "--out",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="File to write; must not exist yet.",
)
def command(folder: Path, form: str, out: Path) -> int:
    """Write a results folder as one file.

    csv and parquet: one row per cell, seed and step. netcdf and npz: an array of cell, seed,
    step and quantity, NaN where cells differ in seeds or steps. DIR is a folder that verify,
    simulate or sweep has written. Numbers read back exactly. netcdf and parquet need
    pip install 'bofcheck[export]'.
    """
    from ...simulate import open_store
    from ...simulate.exports import export, export_names

    if form not in export_names():
        allowed = ", ".join(export_names())
        raise click.BadParameter(
            f"{form!r} is unknown; choose one of {allowed}.", param_hint="--to"
        )
    if out.exists() or out.is_symlink():
        raise click.BadParameter(f"{out} exists; choose another file.", param_hint="--out")
    if not out.parent.is_dir():
        raise click.BadParameter(f"{out.parent} is no folder; create it first.", param_hint="--out")
    store = open_store(folder)
    if not store.names():
        raise click.BadParameter(f"{folder} holds no finished cell yet.", param_hint="DIR")
    export(store, form, out)
    count = len(store.names())
    click.echo(f"{out}: {count} cell{'s' if count != 1 else ''} as {form}")
    return ExitCode.OK
