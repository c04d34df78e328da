"""``bofcheck sweep``: train many problems and keep every run."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..._version import __version__
from .. import options
from ..added_runs import growing_store
from ..codes import ExitCode
from ..command import Command
from ..executor import chosen_executor
from ..output import Output
from ..resume import resumable

if TYPE_CHECKING:
    from ...simulate.executors.cluster import ClusterExecutor
    from ...simulate.sweep import Sweep


def _sizes() -> list[str]:
    """The presets of all grids."""
    from ...simulate.grids import get_grid, grid_names

    return list(dict.fromkeys(size for name in grid_names() for size in get_grid(name).presets))


@click.command(
    "sweep",
    cls=Command,
    examples=[
        "bofcheck sweep --grid boundary --seeds 8",
        "bofcheck sweep --grid heatmap --preset paper --out results/heatmap",
        "bofcheck sweep grid.toml --out results/grid --resume",
    ],
)
@click.argument("file", metavar="[FILE.toml]", required=False, type=options.PATH)
@click.option(
    "--grid",
    help="A named grid instead of a file.",
    **options.names("bofcheck.simulate.grids"),
)
@click.option(
    "--preset",
    help="Size of the named grid.  [default: quick]",
    **options.completed(_sizes, "quick|paper"),
)
@click.option(
    "--seeds", type=click.IntRange(1, 100_000), help="Runs per cell.  [default: the sweep's]"
)
@click.option(
    "--steps", type=click.IntRange(1, 10**12), help="Gradient steps.  [default: the sweep's]"
)
@options.your_model
@options.engine
@options.device
@options.workers
@options.scheduler
@click.option(
    "--out",
    metavar="DIR",
    type=options.PATH,
    help="Results folder.  [default: results/sweep-NAME]",
)
@click.option("--resume", is_flag=True, help="Only continue: fail if DIR holds nothing yet.")
@options.output
def command(
    file: Path | None,
    grid: str | None,
    preset: str | None,
    seeds: int | None,
    steps: int | None,
    model_file: Path | None,
    engine: str,
    device: str,
    workers: int | None,
    scheduler: str | None,
    out: Path | None,
    resume: bool,
    output: Output,
) -> int:
    """Train a grid of problems and keep every run.

    FILE.toml holds `seeds`, `steps`, optionally `log`, the fields that all cells share under
    [problem], and lists of values under [grid]; every combination of these values is a cell. Runs
    that are already in DIR are not trained again, so the same command continues where it was
    stopped, and with more --seeds trains the new runs alone. --workers and --scheduler need
    pip install 'bofcheck[cluster]'; numbers do not depend on them.
    """
    options.check_engine(engine)
    if model_file is not None and (workers, scheduler) != (None, None):
        raise click.UsageError("--model: workers do not know your model; leave --workers out")
    from ...simulate import StoreError
    from ...simulate.model_file import file_hash
    from ...simulate.numerics.ram import keep_freed_memory
    from ...simulate.sweep import missing_runs, run_sweep

    sweep, what = _choose(file, grid, preset, seeds, steps)
    folder = out or Path("results") / f"sweep-{sweep.name}"
    settings = {
        "command": "sweep",
        "bofcheck": __version__,
        **what,
        "seeds": sweep.seeds,
        "steps": sweep.steps,
        "log": sweep.log_at,
        "engine": engine,
        "device": device,
    }
    if model_file is not None:
        settings["model_sha256"] = file_hash(model_file)
    keep_freed_memory()
    store = growing_store(folder, settings)
    if resume and not store.index():
        raise StoreError(f"{folder}: holds nothing to resume; leave out --resume to start")
    with resumable(store):
        lacking = missing_runs(sweep, store, engine, device)
        with chosen_executor(workers, scheduler) as executor:
            _announce(sweep, lacking, folder, engine, device, executor, output)
            with output.progress() as report:
                run_sweep(
                    sweep, store, engine=engine, device=device, executor=executor, progress=report
                )
    output.show(
        lambda: {
            "folder": str(folder),
            "cells": len(sweep.problems),
            "seeds": sweep.seeds,
            "steps": sweep.steps,
        },
        lambda: click.echo(f"{folder}: {len(sweep.problems)} cells of {sweep.seeds} runs"),
    )
    return ExitCode.OK


def _choose(
    file: Path | None, grid: str | None, preset: str | None, seeds: int | None, steps: int | None
) -> tuple[Sweep, dict[str, object]]:
    """The sweep, and the settings that identify it."""
    from dataclasses import replace

    from ...simulate.grids import get_grid, read_sweep, sweep_settings

    if (file is None) == (grid is None):
        raise click.UsageError("Give either FILE.toml or --grid")
    if file is not None:
        if preset is not None:
            raise click.BadParameter(
                "only named grids have presets; leave it out, or give --grid instead of a file.",
                param_hint="--preset",
            )
        sweep = read_sweep(file, seeds=seeds, steps=steps)
        return sweep, sweep_settings(file)
    size = "quick" if preset is None else preset
    sweep = get_grid(grid or "").sweep(size)
    sweep = replace(
        sweep,
        name=f"{grid}-{size}",
        seeds=seeds or sweep.seeds,
        steps=steps or sweep.steps,
    )
    return sweep, {"grid": grid, "preset": size}


def _announce(
    sweep: Sweep,
    lacking: int,
    folder: Path,
    engine: str,
    device: str,
    executor: ClusterExecutor | None,
    output: Output,
) -> None:
    """Say on standard error what is still to be trained, before training it."""
    from ...simulate.estimate import estimate_seconds

    # the probe runs first: an engine that cannot train this says so before anything is announced
    whole = estimate_seconds(sweep, engine, device, executor) if lacking else 0.0
    seconds = lacking / sweep.runs * whole
    output.note(
        f"{len(sweep.problems):,} cells, {sweep.runs:,} runs of {sweep.steps:,} steps; "
        f"about {_size(sweep.disk_bytes)} in {folder}"
    )
    if lacking:
        left = f"{lacking:,} runs still to train, " if lacking < sweep.runs else ""
        time = (
            "all workers are busy, so there is no estimate of the time"
            if math.isnan(seconds)
            else f"roughly {_duration(seconds)} by a short probe; other work on the machine adds "
            "to it"
        )
        output.note(f"{left}{time}")
    else:
        output.note("every run is already there")


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:,.3g} TB"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:,.1f} h"
