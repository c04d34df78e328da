"""Time a step of the limit beside the span engine and the plain loop, in one run and in turns.

``python benchmarks/limit_steps.py --json benchmarks/limit_steps.json`` measures;
``python benchmarks/limit_steps.py --table benchmarks/limit_steps.json`` rewrites the docs' table.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from figures import ratio, was_busy
from formats import duration, number, size, table
from harness.cell import Cell
from harness.contender import find_contenders
from harness.machine import describe_machine, describe_versions, memory_bytes
from harness.measure import Entry, Limits, measure_group
from harness.process import WorkerProcess
from harness.rounds import FEWEST

ROOT = Path(__file__).parents[1]
#: Committed files: the numbers, and the table made from them.
NUMBERS = ROOT / "benchmarks" / "limit_steps.json"
TABLE = ROOT / "docs" / "_generated" / "limit_steps.md"
SAMPLES, DIM = (20, 100, 400), 512
#: Contender, runs (None: the batch) and whether w_O is trained, by the row's key.
_ENTRIES: dict[str, tuple[str, int | None, bool]] = {
    "loop": ("loop-float64", None, False),
    "span": ("span", None, False),
    "limit": ("limit", None, False),
    "limit, one run": ("limit", 1, False),
    "span, w_O trained": ("span", None, True),
    "limit, w_O trained": ("limit", None, True),
}
#: Which row each is compared with.
_OVER = {
    "loop": "limit", "span": "limit", "limit, one run": "limit",
    "span, w_O trained": "limit, w_O trained", "limit, w_O trained": "limit",
}  # fmt: skip


def plan_entries(n_samples: int, runs: int) -> list[Entry]:
    """The rows of one N, which take turns.

    >>> [entry.key for entry in plan_entries(20, 16)][:3]
    ['loop', 'span', 'limit']
    """
    return [
        Entry(name, Cell(n_samples, DIM, runs if own is None else own, trained), part=key)
        for key, (name, own, trained) in _ENTRIES.items()
    ]


def measure(samples: Sequence[int], runs: int, rounds: int) -> dict[str, Any]:
    """All groups, a document ready for JSON.

    Args:
        samples: values of N.
        runs: runs of a batch.
        rounds: turns of each row.
    """
    contenders = find_contenders()
    limits = Limits(rounds, 0.1, 3.0, memory_bytes() // 4)
    document: dict[str, Any] = {
        "schema": 1,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": describe_machine(),
        "versions": describe_versions(),
        "runs": runs,
        "rounds": rounds,
        "groups": [],
    }
    for n_samples in samples:
        rows = measure_group(
            plan_entries(n_samples, runs),
            {name: contender for name, (_, contender) in contenders.items()},
            limits,
            lambda name: WorkerProcess(contenders[name][0], name),
        )
        document["groups"].append({"n_samples": n_samples, "rows": rows})
    return document


def render(document: dict[str, Any]) -> str:
    """The docs' table, as Markdown.

    Args:
        document: as from `measure`.
    """
    machine, groups = document["machine"], document["groups"]
    lines = [
        "<!-- made by benchmarks/limit_steps.py from benchmarks/limit_steps.json; do not edit -->",
        "",
        f"{machine['model']}, {machine['cores']} cores, {size(machine['memory_bytes'])}; "
        f"{document['date'][:10]}. Load before: {machine['load']:.1f}. Medians of "
        f"{document['rounds']} rounds, everyone in turn.",
        "",
    ]
    if was_busy(document):
        lines += ["**Provisional: other work kept this machine busy, so times are too long.**", ""]
    rows = [[key, *[_cell(group["rows"], key) for group in groups]] for key in _ENTRIES]
    head = ["a step of one run", *[f"N = {group['n_samples']}" for group in groups]]
    return "\n".join([*lines, *table(head, rows)])


def _cell(rows: Sequence[dict[str, Any]], key: str) -> str:
    """The time; in brackets the ratio to the row it is compared with, and its range."""
    by_key = {row["key"]: row for row in rows}
    row, other = by_key[key], by_key.get(_OVER.get(key, ""))
    if row["outcome"] != "measured":
        return str(row["outcome"])
    if other is None or other["outcome"] != "measured":
        return duration(row["seconds"])
    figure = ratio(row, other)
    assert figure is not None
    spread = f"{number(figure['lowest'])} … {number(figure['highest'])}"
    return f"{duration(row['seconds'])} ({number(figure['value'])}×, {spread})"


def main(args: Sequence[str] | None = None) -> int:
    """Measure and write JSON, or write the table."""
    parser = argparse.ArgumentParser(prog="limit_steps", description=__doc__)
    parser.add_argument("--samples", type=int, nargs="+", default=SAMPLES)
    parser.add_argument("--runs", type=int, default=16, help="runs of a batch; default: 16")
    parser.add_argument("--rounds", type=int, default=7, help=f"at least {FEWEST}; default: 7")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there")
    parser.add_argument("--table", type=Path, metavar="FILE", help="only write its table")
    parser.add_argument("--out", type=Path, default=TABLE, help="where the table goes")
    chosen = parser.parse_args(args)
    if chosen.table is not None:
        document = json.loads(chosen.table.read_text(encoding="utf-8"))
        chosen.out.write_text(render(document), encoding="utf-8")
        return 0
    if chosen.rounds < FEWEST or chosen.runs < 1 or min(chosen.samples) < 1:
        parser.error(f"--rounds must be at least {FEWEST}, --runs and --samples at least 1")
    document = measure(chosen.samples, chosen.runs, chosen.rounds)
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    print(render(document))
    if chosen.json is not None:
        chosen.json.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
