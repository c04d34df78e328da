"""The docs' tables from ``benchmarks/scaling.json``: ``python benchmarks/scaling_table.py``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from figures import was_busy
from formats import dimension, duration, size, table

ROOT = Path(__file__).parents[1]
NUMBERS = ROOT / "benchmarks" / "scaling.json"
TABLE = ROOT / "docs" / "_generated" / "scaling.md"

#: Largest share of the heat map's time for the store, and seconds to open 10^5 shards.
_SHARE, _OPEN = 0.05, 1.0


def render(document: dict[str, Any]) -> str:
    """The generated part of the page, as Markdown.

    Args:
        document: the output of ``benchmarks/scaling.py --json``.
    """
    machine = document["machine"]
    lines = [
        "<!-- made by benchmarks/scaling_table.py from benchmarks/scaling.json; do not edit -->",
        "",
        f"{machine['model']}, {machine['cores']} cores, {size(machine['memory_bytes'])}, "
        f"{machine['system']}; {document['date'][:10]}. Load before: {machine['load']:.1f}.",
        "",
    ]
    if was_busy(document):
        lines += [
            "**Provisional: other work kept this machine busy, so these times are too long and "
            "their ratios mean little.**",
            "",
        ]
    return "\n".join([*lines, *_plan(document), *_memory(document), *_share(document),
                      *_workers(document)])  # fmt: skip


def _plan(document: dict[str, Any]) -> list[str]:
    rows = [
        [
            dimension(row["cells"]),
            duration(row["read"]),
            duration(row["plan_empty"]),
            duration(row["open"]),
            duration(row["plan_full"]),
            duration(row["add"]),
        ]
        for row in document["plan"]
    ]
    head = ["cells", "file read", "planned, empty", "store opened", "planned, full", "shard added"]
    largest = document["plan"][-1]
    verdict = _verdict(document, largest["open"] < _OPEN)
    return [
        *table(head, rows),
        f"Goal: {dimension(largest['cells'])} shards open in less than {_OPEN:g} s: {verdict}.",
        "",
    ]


def _memory(document: dict[str, Any]) -> list[str]:
    rows = [
        [dimension(row["cells"]), size(row["peak_bytes"]), duration(row["seconds"])]
        for row in document["memory"]
    ]
    return table(["cells run", "peak memory of the process", "time"], rows)


def _share(document: dict[str, Any]) -> list[str]:
    seconds = document["heatmap"]["seconds"]
    share = seconds["storing"] / (seconds["total"] - seconds["storing"])
    verdict = _verdict(document, share <= _SHARE)
    return [
        f"Of the paper's heat map ({document['heatmap']['cells']} of its cells, "
        f"{document['heatmap']['seeds']} runs each) keeping the shards took "
        f"{duration(seconds['storing'])}, {share:.1%} of everything else. Goal: at most "
        f"{_SHARE:.0%}: {verdict}.",
        "",
    ]


def _workers(document: dict[str, Any]) -> list[str]:
    alone = document["workers"][0]["seconds"]
    rows = [
        [
            str(row["workers"]) if row["workers"] else "none: one process, all cores",
            duration(row["seconds"]),
            f"{alone / row['seconds']:.2f}",
            duration(row["start"]) if row["workers"] else "–",
        ]
        for row in document["workers"]
    ]
    return table(["workers", "time", "times as fast as without", "their start"], rows)


def _verdict(document: dict[str, Any], met: bool) -> str:
    if was_busy(document):
        return "not judged"
    return "met" if met else "missed"


def main(args: Sequence[str] | None = None) -> int:
    """Write the tables."""
    parser = argparse.ArgumentParser(prog="scaling_table", description=__doc__)
    parser.add_argument("numbers", nargs="?", type=Path, default=NUMBERS)
    parser.add_argument("--out", type=Path, default=TABLE)
    chosen = parser.parse_args(args)
    document = json.loads(chosen.numbers.read_text(encoding="utf-8"))
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(render(document), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
