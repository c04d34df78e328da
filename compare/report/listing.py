"""The ledger as a table, and one claim explained, for a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from ..claim import Claim
from ..discrimination import NumberShape
from ..verdict import Status
from .beside import DiscriminationEntry
from .formulas import ledger_formulas, plain_text
from .wording import not_told_apart, reach


def claims_table(claims: Iterable[Claim]) -> Table:
    """Each claim's id, statement, tag, source and deciding cells; fits in 80 columns."""
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
    table.add_column("claim", no_wrap=True)
    table.add_column("statement\nsource", ratio=1, overflow="fold")
    table.add_column("provenance\ndecided on", overflow="fold", max_width=22)
    for claim in claims:
        statement = Text(claim.statement)
        statement.append(f"\n{claim.source}", style="dim")
        table.add_row(
            claim.id, statement, Text(f"{claim.provenance.tag(claim.seen)}\n{claim.where}")
        )
    return table


def claim_document(
    claim: Claim, claims: Mapping[str, Claim], last: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """A claim, JSON-ready: its statement, formulas and rule, and its last decision.

    Args:
        claim: the claim.
        claims: the claims of its ledger, by id.
        last: its entries in a report, one for each regime.

    Example:
        >>> from bofcheck.compare import all_claims
        >>> document = claim_document(all_claims()["B9"], all_claims())
        >>> document["provenance"], document["decided_on"], document["last"]
        ('RECONSTRUCTED', 'benign, stage cells', [])
    """
    return {
        "id": claim.id,
        "statement": claim.statement,
        "provenance": claim.provenance.value,
        "seen": claim.seen,
        "provenance_means": claim.provenance.meaning,
        "source": claim.source,
        "formulas": [
            {
                "name": name,
                "text": plain_text(formula),
                "latex": formula.latex(),
                "provenance": formula.provenance.value,
                "seen": formula.seen,
                "source": formula.source,
            }
            for name, formula in ledger_formulas(claim)
        ],
        "rule": claim.rule,
        "decided_on": claim.where,
        "beside": _sibling(claim, claims),
        "last": list(last),
    }


def explain(
    claim: Claim, claims: Mapping[str, Claim], last: Sequence[Mapping[str, Any]], where: str
) -> Text:
    """A claim's statement, formulas, rule and last decision as text.

    Args:
        claim: the claim.
        claims: the claims of its ledger, by id.
        last: its entries in a report.
        where: the folder that was searched for them.
    """
    text = Text()
    text.append(f"{claim.id}: {claim.statement}\n", style="bold")
    text.append(f"{claim.source}; {claim.provenance.tag(claim.seen)}: {claim.provenance.meaning}\n")
    for _, formula in ledger_formulas(claim):
        tag = formula.provenance.tag(formula.seen)
        text.append(f"\n  {plain_text(formula)}\n  {tag}: {formula.source}\n")
    text.append("\nHow it is decided\n", style="bold")
    text.append(f"{claim.rule}\n\nDecided on: {claim.where}\n")
    if sibling := _sibling(claim, claims):
        text.append(f"On the same runs: {sibling['id']}, {sibling['statement']}\n")
    text.append("\nLast decision\n", style="bold")
    if not last:
        text.append(f"none in {where}; bofcheck claims --run {claim.id} decides it")
    lines = []
    for entry in last:
        scope = "" if entry["scope"] == "none" else f", {entry['scope']} Assumption 4.1"
        if entry["scope"] == "both":
            scope = ", inside and outside Assumption 4.1"
        word = Status(entry["verdict"]).shown(weak=bool(entry.get("weak")))
        lines.append(f"{word} ({entry['regime']}{scope}): {entry['reason']}")
        if entry["statistic"] is not None:
            against = f", wanted {entry['relation']} {_short(entry['threshold'])}"
            lines.append(f"  {entry['statistic_name']}: {_short(entry['statistic'])}{against}")
        lines += _beside(entry.get("discrimination"))
    text.append("\n".join(lines))
    return text


def _beside(entry: Mapping[str, Any] | None) -> list[str]:
    """What the verdict on a bound would have rejected, and how loose the bound is."""
    if entry is None:
        return []
    known = DiscriminationEntry.model_validate(entry)
    found, shape = known.found, known.found.shape
    lines = []
    if shape.numbers:
        lines.append(f"  Its room, by {shape.cells} cells:")
        rows = [_columns(number) for number in shape.numbers]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines += [
            "    " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows
        ]  # fmt: skip
    elif shape.why:
        lines.append(f"  Its room: no power could be fitted: {shape.why}")
    if known.tried:
        missed = ", ".join(each.text for each in not_told_apart(found))
        weaker = ", ".join(each.text for each in found.wrong_powers if each.weaker)
        lines.append(f"  Wrong powers: {known.rejected} of {known.tried} rejected")
        lines += [f"    not told apart: {missed}"] if missed else []
        lines += [f"    true, but weaker: {weaker}"] if weaker else []
    if known.looseness:
        lines.append(f"  The bound lies {known.looseness}")
    if further := reach(found):
        lines.append(f"  Judged {further} than fitted")
    for name, cells in found.constants.items():
        if cells:
            low, high = min(cells, key=cells.__getitem__), max(cells, key=cells.__getitem__)
            ends = f"{cells[low]:.3g} ({low}) to {cells[high]:.3g} ({high})"
            lines.append(f"  {name} by cell: {ends}")
    return lines


def _columns(number: NumberShape) -> tuple[str, ...]:
    varied = f"varied {number.varied:.3g}×" if number.varied > 0 else ""
    return (number.word, number.text, varied, number.why)


def _sibling(claim: Claim, claims: Mapping[str, Claim]) -> dict[str, str] | None:
    """The other half of a split claim: the text's sentence (…a) and the theory's direction (…b)."""
    sibling = claims.get(claim.id[:-1] + {"a": "b", "b": "a"}.get(claim.id[-1], " "))
    return None if sibling is None else {"id": sibling.id, "statement": sibling.statement}


def _short(number: Any) -> str:
    return f"{number:.3g}" if isinstance(number, float) else str(number)
