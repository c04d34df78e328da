"""``bofcheck export``: a results folder as a file for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from .. import options
from ..codes import ExitCode
from ..command import Command
from ..output import Output


@click.command(
    "export",
    cls=Command,
    examples=[
        "bofcheck export results/mine --to csv --out mine.csv",
        "bofcheck export results/mine --to netcdf --out mine.nc --quiet",
    ],
)
@click.argument("folder", metavar="DIR", type=options.PATH)
@click.option(
    "--to",
    "form",
    required=True,
    help="Form of the file.",
    **options.names("bofcheck.simulate.exports"),
)
@click.option(
    "--out",
    required=True,
    metavar="FILE",
    type=options.PATH,
    help="File to write; it must not exist yet.",
)
@options.your_model
@options.output
def command(folder: Path, form: str, out: Path, model_file: Path | None, output: Output) -> int:
    """Write a results folder as one file.

    csv and parquet: one row per cell, seed and step. netcdf and npz: an array over cell, seed,
    step and quantity, NaN where cells differ in seeds or steps. DIR is a folder written by verify,
    simulate or sweep. Numbers read back exactly. netcdf and parquet need
    pip install 'bofcheck[export]'.
    """
    from ...simulate import open_store
    from ...simulate.exports import export, export_names
    from ...simulate.store.settings import check_writable

    options.check_name("--to", form, export_names())
    if out.exists() or out.is_symlink():
        raise click.BadParameter(f"{out} exists; choose another file.", param_hint="--out")
    if not out.parent.is_dir():
        raise click.BadParameter(
            f"{out.parent} is not a folder; create it first.", param_hint="--out"
        )
    check_writable(out.parent)
    store = open_store(folder)
    if not store.names():
        raise click.BadParameter(f"{folder} holds no finished cell yet.", param_hint="DIR")
    export(store, form, out)
    count = len(store.names())
    output.show(
        lambda: {"file": str(out), "form": form, "cells": count},
        lambda: click.echo(f"{out}: {count} cell{'s' if count != 1 else ''} as {form}"),
    )
    return ExitCode.OK
