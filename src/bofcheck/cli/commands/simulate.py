"""``bofcheck simulate``: train one problem and keep its trajectory."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ..._version import __version__
from .. import options
from ..added_runs import growing_store
from ..codes import ExitCode
from ..command import Command
from ..output import Output
from ..resume import resumable


@click.command(
    "simulate",
    cls=Command,
    examples=[
        "bofcheck simulate problem.toml --out results/mine",
        "bofcheck simulate problem.toml --seeds 20 --steps 10000 --log every:100 --out many",
        "bofcheck simulate problem.toml --model mine.py --out results/mine",
    ],
)
@click.argument("problem", metavar="PROBLEM.toml", type=options.PATH)
@options.your_model
@options.engine
@options.device
@click.option(
    "--seeds", default=8, show_default=True, type=click.IntRange(1, 100_000), help="Runs."
)
@click.option(
    "--steps",
    default=2000,
    show_default=True,
    type=click.IntRange(1, 10**12),
    help="Gradient steps of each run.",
)
@options.log
@click.option(
    "--out",
    required=True,
    metavar="DIR",
    type=options.PATH,
    help="Results folder; several problems may share one if the options are the same.",
)
@options.output
def command(
    problem: Path,
    model_file: Path | None,
    engine: str,
    device: str,
    seeds: int,
    steps: int,
    log_at: str,
    out: Path,
    output: Output,
) -> int:
    """Train one problem and keep its trajectory.

    Prints the quantities at the first and last step. The trajectory is kept in DIR under the
    file's name without its ending. Runs that are already there are not trained again; with more
    --seeds than before, only the new runs are trained.
    """
    options.check_engine(engine)
    from ...simulate import CellOrder, log_steps, read_problem, train_stored
    from ...simulate.model_file import file_hash
    from ..summary import print_summary, summary

    loaded = read_problem(problem)
    log_steps(log_at, steps)
    settings: dict[str, str | int] = {
        "command": "simulate",
        "bofcheck": __version__,
        "seeds": seeds,
        "steps": steps,
        "log": log_at,
        "engine": engine,
        "device": device,
    }
    if model_file is not None:
        settings["model_sha256"] = file_hash(model_file)
    store = growing_store(out, settings)
    name = os.fsencode(problem.stem).decode("utf-8", "replace")  # any byte may be in a file's name
    with resumable(store), output.progress() as report:
        order = CellOrder(name, loaded, seeds, steps, engine, log_at, device)
        trajectory = train_stored(store, order, progress=report)
    path = Path(store.where(name))
    output.show(lambda: summary(trajectory, path), lambda: print_summary(trajectory, path))
    return ExitCode.OK
