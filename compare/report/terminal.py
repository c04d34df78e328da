"""A verification as tables for a terminal, with fewer and fuller columns where it is narrow."""

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
from ..papers.zhang2025.ledger import all_claims
from ..verdict import Scope, Status, Verdict
from .document import count_verdicts

if TYPE_CHECKING:
    from ..papers.zhang2025.decide import Decisions
    from ..verify import Verification

_STYLE = {
    Status.HOLDS: "green",
    Status.VIOLATED: "bold red",
    Status.VACUOUS: "yellow",
    Status.INCONCLUSIVE: "yellow",
    Status.OUT_OF_SCOPE: "cyan",
    Status.ERROR: "bold magenta",
}

#: Width from which every number has a column of its own.
WIDE = 76

#: First letters of claims that check the set-up, identities and assumptions.
GROUNDWORK = "SIA"

_ABOUT_RUNS = (
    "Numbers: for a claim about runs, an exact 95% bound of the fraction of held-out runs that "
    "break it (HOLDS, INCONCLUSIVE: upper bound; VIOLATED, OUT_OF_SCOPE: lower bound) against the "
    "fraction tolerated; for a scaling law, the spread of time/law over cells, or how many of its "
    "fitted powers differ"
)
_READING = (
    f"{_ABOUT_RUNS}; S: an adjusted p-value or the largest difference; A: how many times over the "
    "inequality is met, least over cells. bofcheck claims ID and report.json (statistic_name) name "
    "each. Scope: where the deciding cells stand to Assumption 4.1; both: some inside, some "
    "outside; none: it is about no cell.\n"
)
_READING_OWN = (
    f"{_ABOUT_RUNS}. report.json names each (statistic_name) and holds the evidence. Scope: where "
    "the deciding cells stand to the theorem's own conditions.\n"
)


def print_verification(
    verification: Verification, console: Console, files: Iterable[Path] = ()
) -> None:
    """Print claims, assumptions, constants, where the files are, and the verdicts' counts.

    Args:
        verification: what to print.
        console: where to; it decides on colour and width.
        files: files and folders that were written.
    """
    split = verification.settings.as_dict().get("split")
    if split:
        console.print(Text(f"Calibration and held-out runs: {split}."))
        for study in verification.studies:
            _print_roles(study, console)
    for study in verification.studies:
        regime = study.theorem.regime
        verdicts = [one for one in verification.verdicts if one.regime == regime]
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


def print_decisions(decisions: Decisions, console: Console, files: Iterable[Path] = ()) -> None:
    """Print the claims decided, theorem by theorem, the experiments apart, and their counts.

    Args:
        decisions: what to print.
        console: where to.
        files: files and folders that were written.
    """
    shown = {name for name, claim in all_claims().items() if claim.experiments}
    groups = {
        get_theorem(regime).title: [
            one for one in decisions.verdicts if one.regime == regime and one.claim not in shown
        ]
        for regime in ("benign", "harmful")
    }
    groups["The paper's experiments"] = [one for one in decisions.verdicts if one.claim in shown]
    for title, verdicts in groups.items():
        if verdicts:
            console.print(_claims(title, verdicts, console.width >= WIDE))
    _print_end(decisions.verdicts, console, files)


def _print_end(
    verdicts: Sequence[Verdict], console: Console, files: Iterable[Path], *, of_paper: bool = True
) -> None:
    console.print(Text(_READING if of_paper else _READING_OWN))
    for path in files:
        console.print(Text(str(path), overflow="fold"), soft_wrap=True)
    if not of_paper:
        console.print(_counts("statements", list(verdicts)))
        return
    paper = [one for one in verdicts if one.claim[0] not in GROUNDWORK]
    ground = [one for one in verdicts if one.claim[0] in GROUNDWORK]
    console.print(_counts("claims of the paper", paper))
    console.print(_counts("set-up, identities, assumptions", ground))


def comparison(verdict: Verdict) -> str:
    """The number a verdict rests on, against its threshold; empty if there is none.

    >>> from ...theory import Provenance
    >>> from ..verdict import Scope
    >>> about = dict(claim="B1", statement="", source="", reason="", scope=Scope.NONE)
    >>> about |= dict(status=Status.HOLDS, provenance=Provenance.STATED)
    >>> comparison(Verdict(**about, statistic=0.0231, threshold=0.05))
    '0.0231 <= 0.05'
    >>> comparison(Verdict(**about, statistic=0.07, threshold=0.05))
    '0.07 > 0.05'
    """
    return compared(verdict.statistic, verdict.relation, verdict.threshold)


def compared(statistic: float | None, relation: str, threshold: float | None) -> str:
    """A number against its threshold, as it stands; empty if there is no number.

    >>> compared(0.8, ">=", 1.0)
    '0.8 < 1'
    """
    if statistic is None:
        return ""
    if threshold is None:
        return f"{statistic:.3g}"
    met = statistic <= threshold if relation == "<=" else statistic >= threshold
    stands = relation if met else {"<=": ">", ">=": "<"}[relation]
    left, right = f"{statistic:.3g}", f"{threshold:.3g}"
    if left == right and not met:  # rounding must not make a failure look like equality
        left = f"{statistic:.9g}"
    return f"{left} {stands} {right}"


def _text(text: str) -> Text:
    """Text with names of a user's in it, as it is: no markup, and nothing that hides."""
    return Text(visible(text))


def _print_roles(study: Study, console: Console) -> None:
    """Which cells, or runs of a cell, have which role."""
    for role in Role:
        names = [
            f"{one.cell.name} ({len(one.trajectory.seeds)} runs)" for one in study.select(role)
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
        if verdict.at_one_over_d is not None:
            statement.append(f"\n   {verdict.at_one_over_d.line()}", style="dim")
        decision = Text(verdict.status.value, style=_STYLE[verdict.status])
        number = comparison(verdict)
        if number:
            decision.append(f"\n{number}", style="default not bold")
        where = f"{verdict.scope.value}\n{verdict.provenance.value}"
        if wide:
            table.add_row(verdict.claim, statement, decision, Text(where))
        else:
            parts = [*decision.split(), *Text(where).split()]
            table.add_row(verdict.claim, Text("  ").join(parts).append("\n").append(statement))
    return table


def _print_assumptions(study: Study, console: Console) -> None:
    """Which cells are inside the assumptions, what fails in the others, and what diverged."""
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
        for one in study.constants:
            facts = [", ".join(one.bounds), f"{one.runs} runs", _limits(one), one.note]
            values = f"{one.value:.3g} -> {one.widened:.3g}"
            table.add_row(one.name, _text(f"{values}\n{'; '.join(fact for fact in facts if fact)}"))
        return table
    table.add_column("constant", overflow="fold")
    table.add_column("fitted -> judged at", no_wrap=True)
    table.add_column("used in", overflow="fold")
    table.add_column("runs", justify="right", no_wrap=True)
    table.add_column("95% of runs", overflow="fold")
    table.add_column("note", overflow="fold")
    for one in study.constants:
        values = f"{one.value:.3g} -> {one.widened:.3g}"
        uses, note = ", ".join(one.bounds), _text(one.note)
        table.add_row(one.name, values, uses, str(one.runs), _limits(one), note)
    return table


def _limits(one: Fitted) -> str:
    """Limits of the constant that 95% of runs obey, empty if there are none."""
    return "" if one.limits is None else f"{one.limits[0]:.3g} to {one.limits[1]:.3g}"


def _left_out(rows: list[LeftOut], wide: bool) -> Table:
    """Each number left out in turn: violating runs of those judged, claim by claim."""
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
        claims = [f"{one.claim} {_tally(one)}" for one in row.claims]
        cells = f"{len(row.fitted)}/{len(row.judged)}"
        text = row.note or ", ".join(claims)
        if wide:
            table.add_row(row.number, fitted, f"{row.largest:.3g}", cells, text)
        else:
            table.add_row(row.number, f"{fitted}\n{row.largest:.3g}", f"{text}\n({cells} cells)")
    return table


def _tally(one: LeftOutClaim) -> str:
    if one.status is Status.VACUOUS:
        return "trivial"
    return f"{one.violations}/{one.runs}" if one.runs else "no run"


def _counts(what: str, verdicts: list[Verdict]) -> Text:
    """One line: how many claims got which verdict, HOLDS outside the assumptions apart."""
    line = Text(f"{what}: ")
    parts = []
    for name, count in count_verdicts(one.status for one in verdicts).items():
        if count:
            text = Text(f"{count} {name}", style=_STYLE[Status(name)])
            outside = [
                one for one in verdicts if one.status is Status.HOLDS and one.scope is Scope.OUTSIDE
            ]
            if name == Status.HOLDS and outside:
                text.append(f" ({len(outside)} only tested outside the assumptions)", style="none")
            parts.append(text)
    line.append_text(Text(", ").join(parts) if parts else Text("none"))
    return line
