"""``bofcheck verify``: train, fit and decide every claim."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from ..._version import __version__
from .. import added_runs, options
from ..added_runs import AddedRuns
from ..command import Command
from ..executor import chosen_executor
from ..judge import exit_code
from ..output import Output
from ..outputs import check_outputs
from ..resume import resumable
from ..theory_input import theorem_names


@click.command(
    "verify",
    cls=Command,
    examples=[
        "bofcheck verify --regime benign",
        "bofcheck verify --preset quick --seeds 4 --json > report.json",
        "bofcheck verify --preset theory --out results/theory --fail-on inconclusive",
        "bofcheck verify --until-decided --max-seeds 32",
        "bofcheck verify --theorem jiang2024",
        "bofcheck verify --theorem mine.toml --data curves.csv --problem problem.toml",
        "bofcheck verify --theorem mine.toml --data wandb.csv --columns step=Step",
    ],
)
@click.option(
    "--regime",
    default="both",
    show_default=True,
    type=click.Choice(["benign", "harmful", "both"]),
    help="Theorem 4.2, Theorem 4.3, or both.",
)
@click.option(
    "--preset",
    default="quick",
    show_default=True,
    help="Which cells are trained; an unknown name lists the known presets.",
    **options.names("bofcheck.compare.papers.zhang2025.designs", first="quick"),
)
@click.option(
    "--seeds", type=click.IntRange(1, 100_000), help="Runs per cell.  [default: the preset's]"
)
@added_runs.options
@options.engine
@options.device
@options.workers
@options.scheduler
@click.option(
    "--theorem",
    help="Check this theorem instead: a neighbouring paper's, or your own file (.toml; .py is "
    "executed).",
    **options.completed(theorem_names, "NAME|FILE"),
)
@click.option(
    "--data",
    metavar="PATH",
    type=options.PATH,
    help="Decide --theorem on your curves (a table, an array file, a folder of them) and train "
    "nothing.",
)
@options.columns
@click.option(
    "--problem",
    metavar="FILE.toml",
    type=options.PATH,
    help="Values of the theorem's symbols for --data, and roles of its cells.",
)
@click.option(
    "--out",
    metavar="DIR",
    type=options.PATH,
    help="Results folder.  [default: results/verify-REGIME-PRESET, or results/verify-THEOREM]",
)
@click.option(
    "--fail-on",
    default="violated",
    show_default=True,
    type=click.Choice(["violated", "inconclusive", "never"]),
    help="When to exit with 1; violated counts bounds that erode, inconclusive all of these.",
)
@options.output
def command(
    regime: str,
    preset: str,
    seeds: int | None,
    until_decided: bool,
    max_seeds: int | None,
    engine: str,
    device: str,
    theorem: str | None,
    data: Path | None,
    columns: Mapping[str, str],
    problem: Path | None,
    workers: int | None,
    scheduler: str | None,
    out: Path | None,
    fail_on: str,
    output: Output,
) -> int:
    """Check every claim of the paper, or your own theorem.

    Writes report.json, report.html, trajectories/ and figures/ into DIR. Finished cells are
    kept and not trained again, so an interrupted run continues where it stopped. --workers and
    --scheduler need pip install 'bofcheck[cluster]'; numbers do not depend on them. In JSON, NaN
    is null, and infinities are "inf" and "-inf".
    """
    options.check_engine(engine)
    added = AddedRuns(until_decided, max_seeds)
    added.check()
    if theorem is not None:
        from ..user_theorem import Asked, verify_user

        asked = Asked(
            theorem, data, problem, regime, preset, seeds, added, engine, device, workers,
            scheduler, out, fail_on, columns,
        )  # fmt: skip
        return verify_user(asked, output)
    for option, given in (("--data", data), ("--problem", problem), ("--columns", columns)):
        if given:
            raise click.UsageError(f"{option} needs --theorem; name the theorem to check")
    from ...compare import regime_plan, report
    from ...compare.report.terminal import print_verification
    from ...simulate import TrajectoryStore
    from ..console import OutputConsole

    plan = regime_plan(regime, preset, seeds, engine=engine, device=device)
    folder = out or Path("results") / f"verify-{regime}-{preset}"
    added.check_limit(plan)
    what = {"command": "verify", "bofcheck": __version__, **plan.settings}
    store = TrajectoryStore(folder, what, grows=until_decided)
    check_outputs(folder)
    with resumable(store):
        with chosen_executor(workers, scheduler) as executor, output.progress() as progress:
            verification = added.verify(plan, store, output, executor, progress)
        store.prepare()
        written = report.write(verification, folder)
    files = [written.page, written.json, folder / "trajectories", folder / "figures"]
    output.show(
        written.report.as_dict, lambda: print_verification(verification, OutputConsole(), files)
    )
    return exit_code(written.report.counts, fail_on)
