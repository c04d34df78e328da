"""``bofcheck claims``: list the ledger, explain one claim, or decide any of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import options
from ..codes import ExitCode
from ..command import Command
from ..executor import chosen_executor
from ..judge import exit_code
from ..output import Output
from ..outputs import check_folder, check_outputs
from ..resume import resumable

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ...compare.claim import Claim
    from ...simulate.executors.cluster import ClusterExecutor


def _ids() -> list[str]:
    """Every claim of the ledger."""
    from ...compare.papers.zhang2025.ledger import all_claims

    return list(all_claims())


def _presets() -> list[str]:
    """Every preset of cells or experiments."""
    from ...compare.papers.zhang2025.designs import design_names
    from ...compare.papers.zhang2025.experiments import preset_names

    return sorted({*design_names(), *preset_names()})


@click.command(
    "claims",
    cls=Command,
    examples=[
        "bofcheck claims",
        "bofcheck claims B4",
        "bofcheck claims B4 B4d --run",
        "bofcheck claims --run --preset paper --quiet",
    ],
)
@click.argument("ids", nargs=-1, **options.completed(_ids, "[ID ...]"))
@click.option("--run", "decide", is_flag=True, help="Decide the named claims, or all of them.")
@click.option(
    "--preset",
    help="Which cells of presets and experiments are trained.  [default: quick]",
    **options.completed(_presets, "NAME"),
)
@click.option(
    "--seeds", type=click.IntRange(1, 100_000), help="Runs per cell.  [default: each cell's own]"
)
@click.option(
    "--out",
    metavar="DIR",
    type=options.PATH,
    help="Results folder.  [default: results/paper-PRESET]",
)
@options.workers
@options.scheduler
@options.output
def command(
    ids: tuple[str, ...],
    decide: bool,
    preset: str | None,
    seeds: int | None,
    out: Path | None,
    workers: int | None,
    scheduler: str | None,
    output: Output,
) -> int:
    """List the ledger of claims, explain one, or decide them.

    Without ID the whole ledger is listed. With IDs each claim is explained: statement, formula, how
    it is decided, and its last decision in the results folder. With --run the claims are decided
    from that folder, and only runs that they need and it lacks are trained; each decision is kept
    in DIR/claims/ID.json, and that of the whole ledger also in DIR/report.json. E3 means E3a and
    E3b.
    """
    from ...compare.papers.zhang2025.experiments import default_folder
    from ...compare.papers.zhang2025.plans import chosen_claims, claims_of

    chosen = chosen_claims(ids)
    folder = out or default_folder(preset or "quick")
    check_folder(folder)
    if decide:
        wanted = chosen if ids else claims_of(preset or "quick")
        executor = chosen_executor(workers, scheduler)
        return _decide(wanted, preset or "quick", seeds, out, executor, output)
    for name, value in (("seeds", seeds), ("workers", workers), ("scheduler", scheduler)):
        if value is not None:
            raise click.UsageError(f"--{name} needs --run; add --run, or leave --{name} out")
    if ids:
        _explain(chosen, folder, output)
    else:
        _list(chosen, output)
    return ExitCode.OK


def _list(claims: tuple[Claim, ...], output: Output) -> None:
    from ...compare.report.listing import claims_table
    from ..console import OutputConsole

    rows = [
        {
            "id": claim.id,
            "statement": claim.statement,
            "provenance": claim.provenance.value,
            "seen": claim.seen,
            "source": claim.source,
            "decided_on": claim.where,
        }
        for claim in claims
    ]
    output.show(lambda: {"claims": rows}, lambda: OutputConsole().print(claims_table(claims)))


def _explain(claims: tuple[Claim, ...], folder: Path, output: Output) -> None:
    from ...compare.papers.zhang2025.ledger import all_claims
    from ...compare.report import last_evidence
    from ...compare.report.listing import claim_document, explain
    from ..console import OutputConsole

    ledger = all_claims()
    decided = [(claim, last_evidence(folder, claim.id)) for claim in claims]

    def text() -> None:
        console = OutputConsole(highlight=False)
        for rank, (claim, last) in enumerate(decided):
            if rank:
                console.rule()
            console.print(explain(claim, ledger, last, str(folder)))

    output.show(
        lambda: {"claims": [claim_document(claim, ledger, last) for claim, last in decided]}, text
    )


def _decide(
    claims: tuple[Claim, ...],
    preset: str,
    seeds: int | None,
    out: Path | None,
    training: AbstractContextManager[ClusterExecutor | None],
    output: Output,
) -> int:
    from ...compare import report, verify
    from ...compare.papers.zhang2025.experiments import drawn_figures, experiment_store
    from ...compare.papers.zhang2025.ledger import all_claims
    from ...compare.papers.zhang2025.plans import claims_plan
    from ...compare.report.terminal import print_decisions
    from ...simulate.numerics.ram import keep_freed_memory
    from ..console import OutputConsole

    plan = claims_plan(preset, seeds, (claim.id for claim in claims))
    store = experiment_store(preset, out, seeds)
    folder = store.folder
    check_outputs(folder)
    keep_freed_memory()
    with resumable(store):
        with training as executor, output.progress() as progress:
            verification = verify(plan, store=store, executor=executor, progress=progress)
        store.prepare()
        files = [folder / "claims", folder / "trajectories"]
        figures = drawn_figures(folder)
        document = report.write_claims(verification, folder, figures=figures)
        if len(claims) == len(all_claims()):
            written = report.write(verification, folder, figures=figures)
            document, files = written.report, [written.page, written.json, *files]
    output.show(document.as_dict, lambda: print_decisions(verification, OutputConsole(), files))
    return exit_code(document.counts, "violated")
