"""``bofcheck verify``: train, fit and decide every claim."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from ...compare.verify import Verification


@click.command(
    "verify",
    cls=Command,
    examples=[
        "bofcheck verify --regime benign",
        "bofcheck verify --preset quick --seeds 4 --json > report.json",
        "bofcheck verify --preset theory --out results/theory --fail-on inconclusive",
        "bofcheck verify --regime both --full",
        "bofcheck verify --until-decided --max-seeds 32",
        "bofcheck verify --theorem kou2023",
        "bofcheck verify --theorem all",
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
    help="Check this theorem instead: a neighbouring paper's (bofcheck theorems lists them), all "
    "of those whose model is trained here, or your own file (.toml; .py is executed).",
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
@click.option(
    "--full",
    is_flag=True,
    help="Print the whole ledger, constants and conditions, not the first screen alone.",
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
    full: bool,
    output: Output,
) -> int:
    """Check every claim of the paper, or your own theorem.

    Prints what was found on one screen, and writes report.json, report.html, trajectories/ and
    figures/ into DIR. Finished cells are kept and not trained again, so an interrupted run
    continues where it stopped. --workers and --scheduler need pip install 'bofcheck[cluster]';
    numbers do not depend on them. In JSON, NaN is null, and infinities are "inf" and "-inf".
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
    from ...compare.report.digest import digest
    from ...compare.report.first_screen import print_digest
    from ...compare.report.terminal import print_verification
    from ...simulate import TrajectoryStore
    from ..announce import announced
    from ..console import OutputConsole

    plan = regime_plan(regime, preset, seeds, engine=engine, device=device)
    folder = out or Path("results") / f"verify-{regime}-{preset}"
    added.check_limit(plan)
    what = {"command": "verify", "bofcheck": __version__, **plan.settings}
    store = TrajectoryStore(folder, what, grows=until_decided)
    check_outputs(folder)
    with resumable(store):
        with chosen_executor(workers, scheduler) as executor, output.progress() as progress:
            told = announced(plan, store, output, progress)
            verification = added.verify(plan, store, output, executor, told)
        store.prepare()
        written = report.write(verification, folder)
    files = [written.page, written.json, folder / "trajectories", folder / "figures"]

    def show() -> None:
        if full:
            print_verification(verification, OutputConsole(), files)
        else:
            print_digest(
                digest(written.report), OutputConsole(), files[:1], _further(verification, folder)
            )

    output.show(written.report.as_dict, show)
    return exit_code(written.report.counts, fail_on)


def _further(verification: Verification, folder: Path) -> list[str]:
    """Commands that show and decide more."""
    from ...compare.papers.zhang2025.ledger import all_claims
    from ...compare.verdict import Status

    ledger = all_claims()
    decided = {claim.id for claim in verification.claims}
    backwards = [
        name[:-1]
        for name, claim in ledger.items()
        if name not in decided and claim.experiments and f"{name[:-1]}b" in ledger
    ]
    worst = next((v.claim for v in verification.verdicts if v.status is Status.VIOLATED), "B1")
    lines = [f"bofcheck claims {worst} --out {folder} explains a verdict; --full lists all."]
    if backwards:
        names = " ".join(dict.fromkeys(backwards))
        lines.append(f"bofcheck claims {names} --run decides what the text may have backwards.")
    return lines
