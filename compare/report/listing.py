"""The ledger as a table, and one claim explained, for a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from ..claim import Claim
from ..papers.zhang2025.ledger import all_claims
from .formulas import ledger_formulas, plain_text
from .models import ClaimEntry


def claims_table(claims: Iterable[Claim]) -> Table:
    """Id, statement, tag, source and where each claim is decided; readable from 80 columns on."""
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
    table.add_column("claim", no_wrap=True)
    table.add_column("statement\nsource", ratio=1, overflow="fold")
    table.add_column("provenance\ndecided on", overflow="fold", max_width=22)
    for claim in claims:
        statement = Text(claim.statement)
        statement.append(f"\n{claim.source}", style="dim")
        table.add_row(claim.id, statement, Text(f"{claim.provenance.value}\n{claim.where}"))
    return table


def claim_document(claim: Claim, last: Sequence[ClaimEntry] = ()) -> dict[str, Any]:
    """One claim, JSON-ready: what it says, by which formulas, how it is decided, and with what end.

    Args:
        claim: the claim.
        last: its entries in a report, one a regime.

    Example:
        >>> from ..papers.zhang2025.ledger import all_claims
        >>> document = claim_document(all_claims()["B9"])
        >>> document["provenance"], document["decided_on"], document["last"]
        ('RECONSTRUCTED', 'benign, stage cells', [])
    """
    return {
        "id": claim.id,
        "statement": claim.statement,
        "provenance": claim.provenance.value,
        "provenance_means": claim.provenance.meaning,
        "source": claim.source,
        "formulas": [
            {
                "name": name,
                "text": plain_text(one),
                "latex": one.latex(),
                "provenance": one.provenance.value,
                "source": one.source,
            }
            for name, one in ledger_formulas(claim)
        ],
        "rule": claim.rule,
        "decided_on": claim.where,
        "beside": _sibling(claim),
        "last": list(last),
    }


def explain(claim: Claim, last: Sequence[ClaimEntry], where: str) -> Text:
    """The same as text.

    Args:
        claim: the claim.
        last: its entries in a report.
        where: the folder they were looked for in.
    """
    text = Text()
    text.append(f"{claim.id}: {claim.statement}\n", style="bold")
    text.append(f"{claim.source}; {claim.provenance.value}: {claim.provenance.meaning}\n")
    for _, one in ledger_formulas(claim):
        text.append(f"\n  {plain_text(one)}\n  {one.provenance.value}: {one.source}\n")
    text.append("\nHow it is decided\n", style="bold")
    text.append(f"{claim.rule}\n\nDecided on: {claim.where}\n")
    if sibling := _sibling(claim):
        text.append(f"On the same runs: {sibling['id']}, {sibling['statement']}\n")
    text.append("\nLast decision\n", style="bold")
    if not last:
        text.append(f"none in {where}; bofcheck claims --run {claim.id} makes one")
    lines = []
    for entry in last:
        scope = "" if entry["scope"] == "none" else f", {entry['scope']} Assumption 4.1"
        if entry["scope"] == "both":
            scope = ", inside and outside Assumption 4.1"
        lines.append(f"{entry['verdict']} ({entry['regime']}{scope}): {entry['reason']}")
        if entry["statistic"] is not None:
            against = f", wanted {entry['relation']} {_short(entry['threshold'])}"
            lines.append(f"  {entry['statistic_name']}: {_short(entry['statistic'])}{against}")
    text.append("\n".join(lines))
    return text


def _sibling(claim: Claim) -> dict[str, str] | None:
    """The other half of a split claim: the text's sentence (…a) and the theory's direction (…b)."""
    other = all_claims().get(claim.id[:-1] + {"a": "b", "b": "a"}.get(claim.id[-1], " "))
    return None if other is None else {"id": other.id, "statement": other.statement}


def _short(number: Any) -> str:
    return f"{number:.3g}" if isinstance(number, float) else str(number)
