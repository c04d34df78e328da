"""``bofcheck reproduce``: the paper's figures, and some of ours, from new runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..._registry import listed
from .. import options
from ..codes import ExitCode
from ..command import Command
from ..executor import chosen_executor
from ..figure_style import chosen_style, style_option, width_option
from ..output import Output
from ..outputs import check_outputs
from ..progress import Report
from ..resume import resumable

if TYPE_CHECKING:
    from ...compare.papers.zhang2025.experiments import Experiment
    from ...simulate import TrajectoryStore


EXPERIMENTS = "bofcheck.compare.papers.zhang2025.experiments"


def _presets() -> list[str]:
    """The presets of all experiments."""
    from ...compare.papers.zhang2025.experiments import preset_names

    return preset_names()


@click.command(
    "reproduce",
    cls=Command,
    examples=[
        "bofcheck reproduce fig5",
        "bofcheck reproduce fig2 fig3 --preset paper",
        "bofcheck reproduce all --preset quick --json",
    ],
)
@click.argument(
    "names",
    nargs=-1,
    **options.completed(
        lambda: (*listed(EXPERIMENTS), "all"), "fig1 ... fig7 | dimension | excess | all"
    ),
)
@click.option(
    "--preset",
    default="quick",
    show_default=True,
    **options.completed(_presets, "quick|paper|jiang"),
    help="quick: minutes; paper: the paper's N and 20 repeats; jiang: Jiang 2024's protocol.",
)
@click.option(
    "--seeds", type=click.IntRange(1, 100_000), help="Runs per cell.  [default: the preset's]"
)
@click.option(
    "--out",
    metavar="DIR",
    type=options.PATH,
    help="Results folder, shared by all figures of a preset.  [default: results/paper-PRESET]",
)
@options.workers
@options.scheduler
@width_option
@style_option
@options.output
def command(
    names: tuple[str, ...],
    preset: str,
    seeds: int | None,
    out: Path | None,
    workers: int | None,
    scheduler: str | None,
    width: str,
    style: str | None,
    output: Output,
) -> int:
    """Reproduce figures of the paper from new runs.

    Trains what DIR lacks, prints the settings (stated in the paper, or chosen here), and writes
    figures/ (PNG, PDF, caption) and tables/ (the plotted numbers as CSV, a manifest as JSON).
    Claims that rest on the figures are decided, and written to report.json and report.html; a
    violated claim does not change the exit code. The same command continues where it was stopped;
    figures share the runs they have in common.
    """
    from ...compare import report, verify
    from ...compare.papers.zhang2025.experiments import (
        default_folder,
        drawn_figures,
        experiment_store,
        write_outputs,
    )
    from ...compare.papers.zhang2025.plans import experiment_plan, experiment_results
    from ...compare.verify import Verification
    from ...simulate.numerics.ram import keep_freed_memory

    chosen = _choose(names, preset)
    figure_style = chosen_style(width, style)
    plans = [
        experiment_plan(experiment, preset, seeds, chosen[:rank])
        for rank, experiment in enumerate(chosen)
    ]
    folder = out or default_folder(preset)
    keep_freed_memory()
    store = experiment_store(preset, folder, seeds)
    check_outputs(folder)
    documents: list[dict[str, Any]] = []
    with resumable(store):
        _announce(chosen, preset, store, seeds, output)
        with chosen_executor(workers, scheduler) as executor, output.progress() as progress:
            shares = _Shares(chosen, preset, progress)
            for experiment, plan in zip(chosen, plans, strict=True):
                if not (output.as_json or output.quiet):
                    _print_settings(experiment, preset, seeds)
                share = shares.part(experiment)
                verification = verify(plan, store=store, executor=executor, progress=share)
                if verification.verdicts:
                    report.write_claims(verification, folder)
                    report.write(verification, folder, merge=True)
                results = experiment_results(experiment, preset, verification)
                document = write_outputs(experiment, preset, results, folder, figure_style)
                documents.append(document)
                if not (output.as_json or output.quiet):
                    _print_outcome(document, folder)
        settings = {"command": "reproduce", "preset": preset, "seeds": seeds, "claims": ()}
        empty = Verification(settings, (), ())  # adds the figures to the report of the claims
        page = report.write(empty, folder, figures=drawn_figures(folder), merge=True).page
    whole = {"preset": preset, "folder": str(folder), "figures": documents, "page": str(page)}
    output.show(lambda: whole, lambda: click.echo(f"\n{page}"))  # the rest is printed by now
    return ExitCode.OK


def _choose(names: tuple[str, ...], preset: str) -> list[Experiment]:
    """The requested experiments, each once.

    Raises:
        click.UsageError: no experiment is named, or a name is unknown or has no such preset.
    """
    from ...compare.papers.zhang2025.experiments import (
        experiment_names,
        get_experiment,
        preset_names,
    )

    if preset not in preset_names():
        allowed = ", ".join(preset_names())
        raise click.BadParameter(
            f"{preset!r} is unknown; choose one of {allowed}.", param_hint="--preset"
        )
    offered = experiment_names(preset)
    if not names:
        raise click.UsageError(f"Name a figure: {', '.join(offered)}, or all")
    for name in names:
        if name != "all" and name not in offered:
            why = f"has no preset {preset}" if name in experiment_names() else "is unknown"
            raise click.BadParameter(
                f"{name!r} {why}; choose from {', '.join(offered)}, or all.", param_hint="NAME"
            )
    wanted = offered if "all" in names else list(dict.fromkeys(names))
    return [get_experiment(name) for name in wanted]


def _announce(
    chosen: list[Experiment],
    preset: str,
    store: TrajectoryStore,
    seeds: int | None,
    output: Output,
) -> None:
    """Say on standard error what is still to be trained, before training it."""
    from ...compare.papers.zhang2025.experiments import estimate_training

    lacking, runs, seconds = estimate_training(chosen, preset, store, seeds)
    if lacking:
        size = f"{seconds / 60:.0f} min" if seconds > 90 else f"{max(seconds, 1):.0f} s"
        output.note(
            f"{lacking:,} cells, {runs:,} runs to train; about {size} of training by a short "
            "probe, more if the machine is busy"
        )
    else:
        output.note("every run is already there")


class _Shares:
    """One progress bar for all experiments; each counts the cells that no earlier one needs."""

    def __init__(self, chosen: list[Experiment], preset: str, report: Report) -> None:
        from ...compare.papers.zhang2025.experiments import work

        self._report, self._preset, self._done = report, preset, 0
        self._weights: dict[str, int] = {}
        seen: set[str] = set()
        for experiment in chosen:
            new = [cell for cell in experiment.cells[preset] if cell.name not in seen]
            seen |= {cell.name for cell in new}
            self._weights[experiment.name] = experiment.seeds[preset] * sum(map(work, new))

    def part(self, experiment: Experiment) -> Report:
        """The function to call while one experiment runs."""
        weight, before = self._weights[experiment.name], self._done
        self._done += weight
        total = sum(self._weights.values())

        def report(cell: str, done: int, of: int) -> None:
            self._report(f"{experiment.name}: {cell}", before + weight * done // of, total)

        return report


def _print_settings(experiment: Experiment, preset: str, seeds: int | None) -> None:
    from ...compare.papers.zhang2025.experiments import settings_of

    click.echo(f"\n{experiment.name}  {experiment.title} ({experiment.source}), preset {preset}")
    for row in settings_of(experiment, preset, seeds):
        click.echo(f"  {row.origin:<12} {row.what}: {row.value}")


def _print_outcome(document: dict[str, Any], folder: Path) -> None:
    name = document["name"]
    short = (
        f"; {document['missed_target']} of {document['runs_with_a_target']} ended short of their "
        "target loss"
        if document["runs_with_a_target"]
        else ""
    )
    click.echo(
        f"  {len(document['cells'])} cells, {document['runs']} runs, {document['diverged']} "
        f"diverged{short}"
    )
    known = (f"{claim} {verdict or ''}".strip() for claim, verdict in document["claims"].items())
    click.echo(f"  bears on {', '.join(known)}")
    click.echo(f"  {folder}/figures/{name}.png, .pdf, .md; {folder}/tables/{name}.csv, .json")
