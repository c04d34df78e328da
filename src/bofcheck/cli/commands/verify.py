"""``bofcheck verify``: train, fit and decide every claim."""

from __future__ import annotations

from pathlib import Path

import click

from ..._version import __version__
from .. import options
from ..command import Command
from ..executor import chosen_executor
from ..judge import exit_code
from ..output import Output
from ..outputs import check_outputs
from ..resume import resumable


@click.command(
    "verify",
    cls=Command,
    examples=[
        "bofcheck verify --regime benign",
        "bofcheck verify --preset quick --seeds 4 --json > report.json",
        "bofcheck verify --preset theory --out results/theory --fail-on inconclusive",
        "bofcheck verify --theorem jiang2024",
        "bofcheck verify --theorem mine.toml --data curves.csv --problem problem.toml",
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
    help="Which cells are trained; an unknown name lists those there are.",
    **options.names("quick", "theory", "paper"),
)
@click.option(
    "--seeds", type=click.IntRange(1, 100_000), help="Runs per cell.  [default: the preset's]"
)
@options.engine
@options.device
@options.workers
@options.scheduler
@click.option(
    "--theorem",
    metavar="NAME|FILE",
    help="Check this theorem instead: one of a neighbouring paper, or a file of yours (.toml; .py "
    "is executed).",
)
@click.option(
    "--data",
    metavar="FILE",
    type=options.PATH,
    help="Decide --theorem on your curves (.csv, .nc: run, step, quantities) and train nothing.",
)
@click.option(
    "--problem",
    metavar="FILE.toml",
    type=options.PATH,
    help="The numbers of the theorem's symbols for --data, and roles of its cells.",
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
    help="When to exit with 1; inconclusive counts violated ones too.",
)
@options.output
def command(
    regime: str,
    preset: str,
    seeds: int | None,
    engine: str,
    device: str,
    theorem: str | None,
    data: Path | None,
    problem: Path | None,
    workers: int | None,
    scheduler: str | None,
    out: Path | None,
    fail_on: str,
    output: Output,
) -> int:
    """Check every claim of the paper, or a theorem of your own.

    Writes report.json, report.html, trajectories/ and figures/ into DIR. Finished cells are
    kept and not trained again, so an interrupted run goes on where it stopped. --workers and
    --scheduler need pip install 'bofcheck[cluster]'; numbers do not depend on them. In JSON what
    is not a number is null, and infinities are "inf" and "-inf".
    """
    options.check_engine(engine)
    if theorem is not None:
        from ..own_theorem import Asked, verify_own

        asked = Asked(
            theorem, data, problem, regime, preset, seeds, engine, device, workers, scheduler, out,
            fail_on,
        )  # fmt: skip
        return verify_own(asked, output)
    for option, given in (("--data", data), ("--problem", problem)):
        if given is not None:
            raise click.UsageError(f"{option} goes with --theorem; name the theorem to check")
    from ...compare.figures.verification import drawn_entries, save_figures
    from ...compare.papers.zhang2025.designs import get_preset
    from ...compare.report.document import report_document, report_text
    from ...compare.report.html import save_page
    from ...compare.report.terminal import print_verification
    from ...compare.verify import Settings, verify
    from ...simulate import TrajectoryStore
    from ...simulate.store.atomic import write_atomically
    from ..console import OutputConsole

    runs = get_preset(preset).seeds if seeds is None else seeds
    settings = Settings(regime=regime, preset=preset, seeds=runs, engine=engine, device=device)
    folder = out or Path("results") / f"verify-{regime}-{preset}"
    store = TrajectoryStore(
        folder, {"command": "verify", "bofcheck": __version__, **settings.as_dict()}
    )
    check_outputs(folder)
    with resumable(store):
        with chosen_executor(workers, scheduler) as executor, output.progress() as report:
            verification = verify(settings, store=store, executor=executor, progress=report)
        document = report_document(verification)
        store.prepare()
        written = save_figures(verification, folder)
        document["figures"] = drawn_entries(document["figures"], folder, written)
        write_atomically(folder / "report.json", [report_text(document)])
        page = save_page(document, folder)
    files = [page, folder / "report.json", folder / "trajectories", folder / "figures"]
    output.show(lambda: document, lambda: print_verification(verification, OutputConsole(), files))
    return exit_code(document["counts"], fail_on)
