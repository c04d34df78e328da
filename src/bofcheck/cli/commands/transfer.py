"""``bofcheck transfer``: which claims survive which departure from the theorem's model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from ..._registry import listed
from .. import options
from ..codes import ExitCode, InterruptedRun
from ..command import Command
from ..output import Output

_AXES = "bofcheck.simulate.transfer.axes"


@click.command(
    "transfer",
    cls=Command,
    examples=[
        "bofcheck transfer",
        "bofcheck transfer --only depth,attention --out deeper",
        "bofcheck transfer --only data --data mine.npz",
    ],
)
@click.option(
    "--preset",
    default="quick",
    show_default=True,
    metavar="quick|full",
    help="quick: minutes, two doses an axis; full: more doses, runs and cells.",
)
@click.option(
    "--only",
    metavar="AXIS,...",
    help="Depart along these axes alone: " + ", ".join(listed(_AXES)) + ".  [default: all]",
)
@click.option(
    "--data",
    metavar="FILE.npz",
    type=options.PATH,
    help="Your data on the axis data: tokens (n, d) and labels (n,) of two values.",
)
@click.option(
    "--out",
    metavar="DIR",
    type=options.PATH,
    help="Results folder.  [default: results/transfer-PRESET]",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="Train in N processes of one thread.  [default: one a core]",
)
@options.output
def command(
    preset: str, only: str | None, data: Path | None, out: Path | None, workers: int | None,
    output: Output,
) -> int:  # fmt: skip
    """Ask which claims survive departures from the theorem.

    Each departure changes one thing of a base problem, at a dose, and trains a benign cell, a
    harmful cell, two for the law of T2, and a grid in N and SNR. Every claim is decided from the
    departure's own runs. Writes transfer.json, .csv, .md, the heat map transfer.png and doses.png;
    the same command trains only what DIR/runs lacks.
    """
    from ..outputs import check_folder

    if data is not None:
        os.environ["BOFCHECK_TRANSFER_DATA"] = str(data.resolve())  # workers read it too
    folder = out or Path("results") / f"transfer-{preset}"
    check_folder(folder)
    from ...compare.transfer import decide, document, estimate, get_preset, orders, train_orders
    from ...compare.transfer import write as write_study
    from ...simulate.store.settings import check_writable
    from ...simulate.transfer import axis_names, get_axis

    names = axis_names() if only is None else [name.strip() for name in only.split(",")]
    names = list(dict.fromkeys(names))
    for name in names:
        options.check_name("--only", name, axis_names())
        if note := get_axis(name).note():
            output.note(note)
    wanted = orders(names, get_preset(preset))
    check_writable(folder)
    processes = workers or os.cpu_count() or 1
    store = folder / "runs"
    runs, seconds = estimate(wanted, store, processes)
    if runs:
        size = f"{seconds / 60:.0f} min" if seconds > 90 else f"{max(seconds, 1):.0f} s"
        output.note(
            f"{len(wanted)} departures, {runs:,} runs to train; about {size} by a short probe, "
            "more if the machine is busy"
        )
    else:
        output.note("every run is already there")
    try:
        with output.progress() as progress:
            trained = train_orders(wanted, store, processes, progress)
    except KeyboardInterrupt:
        raise InterruptedRun(
            f"interrupted; finished cells are kept in {store}; run the same command again to go on"
        ) from None
    study = decide(trained)
    paths = write_study(study, folder)

    def whole() -> dict[str, Any]:
        return {**document(study), "files": [str(path) for path in paths]}

    output.show(whole, lambda: _print(study, paths))
    return ExitCode.OK


def _print(study: Any, paths: list[Path]) -> None:
    """The table with a letter for each verdict, the findings and the files."""
    from ...compare.transfer import findings
    from ...compare.transfer.pictures import LETTERS

    names = list(study.questions)
    rows = [study.base, *study.rows]
    wide = max(len(row.name) for row in rows)
    for rank, name in enumerate(names, 1):
        click.echo(f"  {rank:>2}  {study.questions[name].title}")
    click.echo("\n" + " " * wide + "".join(f" {rank:>2}" for rank in range(1, len(names) + 1)))
    axis = ""
    for row in rows:
        if row.axis != axis:
            axis = row.axis
            click.echo(axis.replace("_", " "))
        letters = "".join(f" {LETTERS[row.answers[name].status] or '·':>2}" for name in names)
        mark = "" if row.engine == "span" else "  whole arrays"
        click.echo(f"{row.name:<{wide}}{letters}{mark}")
    click.echo("\nH holds, E erodes, V violated, ? inconclusive, · cannot be asked\n")
    for sentence in findings(study):
        click.echo(sentence)
    click.echo("\n" + "\n".join(str(path) for path in paths))
