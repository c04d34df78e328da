"""Theorems as a table: what each asserts, of which model, how it is known and what came out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from ...theory import Provenance


def theorems_table(rows: Iterable[Mapping[str, Any]]) -> Table:
    """A section for each theorem, a line for each of its statements; fits in 80 columns.

    Args:
        rows: as ``bofcheck theorems --json`` lists them.
    """
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
    table.add_column("theorem", no_wrap=True)
    table.add_column("statement", ratio=1, overflow="fold")
    table.add_column("provenance\nverdict", overflow="fold", max_width=22)
    for row in rows:
        head = Text(row["title"], style="bold")
        trained = f"trained as {row['trained_as']}" if row["trained_as"] else "not trained here"
        head.append(f"\n{row['source']}\n{row['model']} ({trained})", style="dim")
        table.add_row(Text(row["name"], style="bold"), head, "")
        for part in row["statements"]:
            tag = Provenance[part["provenance"]].tag(part["seen"])
            verdict = part["verdict"] or "not decided yet"
            table.add_row(f"  {part['id']}", part["statement"], Text(f"{tag}\n{verdict}"))
        table.add_section()
    return table
