"""``bofcheck verify``: train, fit and decide every claim."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ..._version import __version__
from .. import options
from ..crew import hired
from ..judge import exit_code
from ..outputs import check_outputs
from ..progress import show_progress
from ..resume import resumable


@click.command("verify")
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
    metavar="NAME",
    help="Which cells are trained; an unknown name lists those there are.",
)
@click.option(
    "--seeds", type=click.IntRange(1, 100_000), help="Runs per cell.  [default: the preset's]"
)
@options.engine
@options.device
@options.workers
@options.scheduler
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Results folder.  [default: results/verify-REGIME-PRESET]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON, no tables.")
@click.option(
    "--fail-on",
    default="violated",
    show_default=True,
    type=click.Choice(["violated", "inconclusive", "never"]),
    help="When to exit with 1; inconclusive counts violated ones too.",
)
def command(
    regime: str,
    preset: str,
    seeds: int | None,
    engine: str,
    device: str,
    workers: int | None,
    scheduler: str | None,
    out: Path | None,
    as_json: bool,
    fail_on: str,
) -> int:
    """Check every claim of the paper on trained transformers.

    Writes report.json, trajectories/ and figures/ into DIR. Finished cells are kept and not
    trained again, so an interrupted run goes on where it stopped. --workers and --scheduler
    need pip install 'bofcheck[cluster]'; numbers do not depend on them. In JSON what is not a
    number is null, and infinities are "inf" and "-inf".
    """
    options.check_engine(engine)
    from ...compare.plots import save_figures
    from ...compare.presets import get_preset
    from ...compare.report import report_document
    from ...compare.terminal import print_verification
    from ...compare.verify import Settings, verify
    from ...simulate import TrajectoryStore
    from ...simulate.atomic import write_atomically
    from ..console import OutputConsole

    runs = get_preset(preset).seeds if seeds is None else seeds
    settings = Settings(regime=regime, preset=preset, seeds=runs, engine=engine, device=device)
    folder = out or Path("results") / f"verify-{regime}-{preset}"
    store = TrajectoryStore(
        folder, {"command": "verify", "bofcheck": __version__, **settings.as_dict()}
    )
    check_outputs(folder)
    with resumable(store):
        with hired(workers, scheduler) as crew, show_progress() as report:
            verification = verify(settings, store=store, crew=crew, progress=report)
        document = report_document(verification)
        text = json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False) + "\n"
        store.prepare()
        write_atomically(folder / "report.json", [text.encode()])
        save_figures(verification, folder / "figures")
    if as_json:
        click.echo(text, nl=False)
    else:
        files = [folder / "report.json", folder / "trajectories", folder / "figures"]
        print_verification(verification, OutputConsole(), files)
    return exit_code(document["counts"], fail_on)
