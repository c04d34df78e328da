"""A verification as tables for a terminal; a narrow terminal gets fewer, fuller columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from ..._visible import visible
from ...theory import get_theorem
from ..cells import CellResult, Role, Study
from ..constants import Fitted
from ..fitting.leave_one_out import LeftOut, LeftOutClaim
from ..verdict import Scope, Status, Verdict
from .headline import Decision, headlines
from .wording import compared, powers_line

if TYPE_CHECKING:
    from ..verify import Verification

STYLE = {
    Status.HOLDS: "green",
    Status.VIOLATED: "bold red",
    Status.ERODES: "red",
    Status.VACUOUS: "yellow",
    Status.INCONCLUSIVE: "yellow",
    Status.OUT_OF_SCOPE: "cyan",
    Status.ERROR: "bold magenta",
}

#: The style of a HOLDS whose test would have let most wrong powers pass.
WEAK = "dark_goldenrod"

#: Width from which every number gets its own column.
WIDE = 76

_ABOUT_RUNS = (
    "Numbers: for a claim about runs, an exact 95% bound of the fraction of held-out runs that "
    "break it (HOLDS, INCONCLUSIVE: upper bound; VIOLATED, OUT_OF_SCOPE: lower bound) against the "
    "fraction tolerated; for a scaling law, the spread of time/law over cells, or how many of its "
    "fitted powers differ"
)
_READING = (
    f"{_ABOUT_RUNS}; S: an adjusted p-value or the largest difference; A: how many times over the "
    "inequality is met in the worst cell. bofcheck claims ID and report.json (statistic_name) name "
    "each. Scope: whether the deciding cells meet Assumption 4.1; both: some inside, some outside; "
    "none: it is not about cells.\n"
)
_READING_USER = (
    f"{_ABOUT_RUNS}. report.json names each (statistic_name) and holds the evidence. Scope: "
    "whether the deciding cells meet the theorem's own conditions.\n"
)


def print_verification(
    verification: Verification, console: Console, files: Iterable[Path] = ()
) -> None:
    """Print claims, assumptions, constants, the places of the files, and the verdicts' counts.

    Args:
        verification: what to print.
        console: where to print; it decides on colour and width.
        files: files and folders that were written.
    """
    split = verification.settings.get("split")
    if split:
        console.print(Text(f"Calibration and held-out runs: {split}."))
        for study in verification.studies:
            _print_roles(study, console)
    for study in verification.studies:
        regime = study.theorem.regime
        verdicts = [verdict for verdict in verification.verdicts if verdict.regime == regime]
        wide = console.width >= WIDE
        word = "claim" if verification.of_paper else "statement"
        console.print(_claims(study.theorem.title, verdicts, wide, word))
        _print_assumptions(study, console)
        if study.constants.fitted:
            console.print(_constants(study, wide))
        for name, why in study.constants.failures.items():
            console.print(_text(f"{name}: not fitted: {why}"))
        rows = [row for row in verification.left_out if row.regime == regime]
        if rows:
            console.print(_left_out(rows, wide))
        console.print()
    _print_end(verification.verdicts, console, files, of_paper=verification.of_paper)


def print_decisions(
    verification: Verification, console: Console, files: Iterable[Path] = ()
) -> None:
    """Print the decided claims by theorem, those on experiments separately, and their counts.

    Args:
        verification: what to print.
        console: where to print.
        files: files and folders that were written.
    """
    experimental = {claim.id for claim in verification.claims if claim.experiments}
    titles = {regime: get_theorem(regime).title for regime in ("benign", "harmful")}
    groups: dict[str, list[Verdict]] = {title: [] for title in titles.values()}
    for verdict in verification.verdicts:
        shown = verdict.claim in experimental
        title = "The paper's experiments" if shown else titles[verdict.regime]
        groups.setdefault(title, []).append(verdict)
    for title, verdicts in groups.items():
        if verdicts:
            console.print(_claims(title, verdicts, console.width >= WIDE))
    _print_end(verification.verdicts, console, files, of_paper=True)


def _print_end(
    verdicts: Sequence[Verdict], console: Console, files: Iterable[Path], *, of_paper: bool
) -> None:
    console.print(Text(_READING if of_paper else _READING_USER))
    for path in files:
        console.print(Text(str(path), overflow="fold"), soft_wrap=True)
    decisions = [
        Decision(
            verdict.claim, verdict.provenance, verdict.status, verdict.weak,
            verdict.scope is Scope.OUTSIDE,
        )
        for verdict in verdicts
    ]  # fmt: skip
    for headline in headlines(decisions, own=not of_paper):
        line = Text(headline.lead())
        parts = [Text(text, style=STYLE[status]) for status, text in headline.parts()]
        console.print(line.append_text(Text(", ").join(parts)))
    if not verdicts:
        console.print(Text("no statement was decided"))


def _text(text: str) -> Text:
    """Text that may hold a user's names: no markup, and hidden characters as escapes."""
    return Text(visible(text))


def _print_roles(study: Study, console: Console) -> None:
    """The cells, or runs of a cell, of each role."""
    for role in Role:
        names = [
            f"{result.cell.name} ({len(result.trajectory.seeds)} runs)"
            for result in study.select(role)
        ]
        console.print(_text(f"  {role.value}: {', '.join(names) or 'none'}"))


def _claims(title: str, verdicts: list[Verdict], wide: bool, word: str = "claim") -> Table:
    many = f"{len(verdicts)} {word}{'s' if len(verdicts) != 1 else ''}"
    table = Table(
        title=f"{escape(visible(title))}: {many}",
        box=box.SIMPLE_HEAD,
        title_justify="left",
        expand=True,
        pad_edge=False,
    )
    table.add_column("claim", no_wrap=True)
    heads = ["statement", "verdict\nnumber", "scope\nprovenance"]
    if wide:
        table.add_column(heads[0], ratio=1, overflow="fold")
        for head in heads[1:]:
            table.add_column(head, no_wrap=True)
    else:
        table.add_column("verdict, number, scope, provenance\nstatement", overflow="fold")
    for verdict in verdicts:
        statement = _text(verdict.statement)
        if verdict.reason:
            statement.append(f"\n-> {visible(verdict.reason)}", style="italic")
        if powers := _powers(verdict):
            statement.append(f"\npowers: {visible(powers)}", style="dim")
        if verdict.at_one_over_d is not None:
            statement.append(f"\n   {verdict.at_one_over_d.line()}", style="dim")
        word = verdict.word.replace(" (", "\n(") if wide else verdict.word
        decision = Text(word, style=WEAK if verdict.weak else STYLE[verdict.status])
        number = compared(verdict.statistic, verdict.relation, verdict.threshold)
        if number:
            decision.append(f"\n{number}", style="default not bold")
        where = f"{verdict.scope.value}\n{verdict.tag}"
        if wide:
            table.add_row(verdict.claim, statement, decision, Text(where))
        else:
            parts = [*decision.split(), *Text(where).split()]
            table.add_row(verdict.claim, Text("  ").join(parts).append("\n").append(statement))
    return table


def _powers(verdict: Verdict) -> str:
    """The powers by which the room of a bound changes, with their words."""
    return powers_line(verdict.discrimination.shape) if verdict.discrimination else ""


def _print_assumptions(study: Study, console: Console) -> None:
    """The cells inside the assumptions, the items that fail elsewhere, and diverged runs."""
    stage = list(study.select(kind="stage"))
    inside = [result.cell.name for result in stage if result.inside]
    assumption = study.theorem.assumption
    name = f"{assumption} at C = 1" if assumption else "The theorem's conditions"
    head = f"{name}: {len(inside)} of {len(stage)} stage cells inside"
    if any(result.assumptions.rows for result in stage) or study.theorem.assumes:
        console.print(_text(f"{head}: {', '.join(inside)}" if inside else head))
    groups: dict[tuple[int, ...], list[CellResult]] = {}
    for result in stage:
        if not result.inside:
            groups.setdefault(result.assumptions.failing, []).append(result)
    for items, results in sorted(groups.items()):
        which = f"item{'s' if len(items) > 1 else ''} {', '.join(map(str, items))}"
        if not assumption:
            rows = results[0].assumptions.rows
            which = " and ".join(row.text for row in rows if not row.holds)
        names = ", ".join(result.cell.name for result in results)
        console.print(_text(f"  {which} not met: {names}"))
    ladder = list(study.select(kind="ladder"))
    climbed = sum(result.inside for result in ladder)
    if ladder:
        console.print(Text(f"  ladder of N·SNR²: {climbed} of {len(ladder)} cells inside"))
    for result in study.results:
        lost = int(result.trajectory.diverged.sum())
        if lost:
            runs = result.trajectory.diverged.size
            console.print(_text(f"  {result.cell.name}: {lost} of {runs} runs diverged"))
    console.print()


def _constants(study: Study, wide: bool) -> Table:
    table = Table(
        title="Constants, fitted on calibration cells and widened before judging",
        box=box.SIMPLE_HEAD,
        title_justify="left",
        pad_edge=False,
    )
    if not wide:
        table.add_column("constant", no_wrap=True)
        table.add_column("fitted -> judged at\nused in; runs; 95% of them; note", overflow="fold")
        for fit in study.constants:
            facts = [", ".join(fit.bounds), f"{fit.runs} runs", _limits(fit), fit.note]
            values = f"{fit.value:.3g} -> {fit.widened:.3g}"
            table.add_row(fit.name, _text(f"{values}\n{'; '.join(fact for fact in facts if fact)}"))
        return table
    table.add_column("constant", overflow="fold")
    table.add_column("fitted -> judged at", no_wrap=True)
    table.add_column("used in", overflow="fold")
    table.add_column("runs", justify="right", no_wrap=True)
    table.add_column("95% of runs", overflow="fold")
    table.add_column("note", overflow="fold")
    for fit in study.constants:
        values = f"{fit.value:.3g} -> {fit.widened:.3g}"
        uses, note = ", ".join(fit.bounds), _text(fit.note)
        table.add_row(fit.name, values, uses, str(fit.runs), _limits(fit), note)
    return table


def _limits(fit: Fitted) -> str:
    """Limits of the constant that hold for 95% of runs; empty if there are none."""
    return "" if fit.limits is None else f"{fit.limits[0]:.3g} to {fit.limits[1]:.3g}"


def _left_out(rows: list[LeftOut], wide: bool) -> Table:
    """One row per number left out: violating runs among those judged, claim by claim."""
    table = Table(
        title="Fitted without the largest values of one number, judged there (violating/runs)",
        box=box.SIMPLE_HEAD,
        title_justify="left",
        pad_edge=False,
    )
    table.add_column("number", no_wrap=True)
    if wide:
        for name in ("fitted up to", "judged at", "cells fitted/judged"):
            table.add_column(name, no_wrap=True)
    else:
        table.add_column("fitted up to,\njudged at", no_wrap=True)
    table.add_column("claims", overflow="fold")
    for row in rows:
        fitted = "" if row.fitted_up_to is None else f"{row.fitted_up_to:.3g}"
        claims = [f"{claim.claim} {_tally(claim)}" for claim in row.claims]
        cells = f"{len(row.fitted)}/{len(row.judged)}"
        text = row.note or ", ".join(claims)
        if wide:
            table.add_row(row.number, fitted, f"{row.largest:.3g}", cells, text)
        else:
            table.add_row(row.number, f"{fitted}\n{row.largest:.3g}", f"{text}\n({cells} cells)")
    return table


def _tally(claim: LeftOutClaim) -> str:
    if claim.status is Status.VACUOUS:
        return "trivial"
    return f"{claim.violations}/{claim.runs}" if claim.runs else "no run"
