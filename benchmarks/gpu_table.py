"""The docs' tables of one GPU from its file: ``python benchmarks/gpu_table.py``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from formats import duration, number, size, table

ROOT = Path(__file__).parents[1]
#: Committed files: the numbers, and the tables made from them.
NUMBERS = ROOT / "benchmarks" / "gpu.json"
TABLE = ROOT / "docs" / "_generated" / "gpu.md"
#: Cells of the paper's whole heat map.
_MAP_CELLS = 1000


def render(document: dict[str, Any]) -> str:
    """The generated part of the page, as Markdown.

    Args:
        document: the output of ``benchmarks/gpu.py --json``, of which parts may be absent.
    """
    parts = (_heading, _agreement, _span, _others, _family, _heat_map)
    return "\n".join(line for part in parts for line in part(document))


def _heading(document: dict[str, Any]) -> list[str]:
    card, versions = document["card"], document["versions"]
    limits = document.get("limits")
    lines = [
        "<!-- made by benchmarks/gpu_table.py from benchmarks/gpu.json; do not edit -->",
        "",
        f"{card['name']}, {size(card['memory_bytes'])}, {card['multiprocessors']} multiprocessors, "
        f"beside {document['cores']} CPU cores; "
        + ", ".join(f"{name} {version}" for name, version in versions.items())
        + f"; {document['date'][:10]}.",
        "",
    ]
    if limits:
        lines += [
            f"A copy within the card moves {limits['copy_bytes'] / 1e12:.2f} TB/s, read and "
            f"written both counted; products of 8192 × 8192 run at "
            f"{limits['float64_flops'] / 1e12:.1f} Tflop/s in float64 and "
            f"{limits['float32_flops'] / 1e12:.1f} in float32.",
            "",
        ]
    return lines


def _agreement(document: dict[str, Any]) -> list[str]:
    rows = []
    tests = document.get("tests")
    if tests:
        rows.append(["tests on the card", f"{tests['passed']} passed, {tests['failed']} failed"])
    for name, found in document.get("deviations", {}).items():
        shown = found if isinstance(found, str) else f"{found:.0e}"
        rows.append([f"{name}: deviation from the CPU after 1,000 steps, at most", shown])
    return table(["agreement, float64", ""], rows) if rows else []


def _span(document: dict[str, Any]) -> list[str]:
    """The best batch of each N, and the same with sums in global memory."""
    found = document.get("span")
    if not found:
        return []
    limit = document["limits"]["float64_flops"]
    cpu = document.get("span_cpu")
    rows = []
    for key in dict.fromkeys((row["n_samples"], row["dtype"]) for row in found):
        group = [row for row in found if (row["n_samples"], row["dtype"]) == key]
        most = max(row["runs"] for row in group)
        best = next(row for row in group if (row["runs"], row["asked"]) == (most, "all"))
        apart = next(row for row in group if row["asked"] == "state")
        few = min(group, key=lambda row: row["runs"])
        kept = (
            "state and sums" if best["sums_on_chip"] else "state" if best["on_chip"] else "nothing"
        )
        traffic = best["global_bytes"] / best["seconds"] / document["limits"]["copy_bytes"]
        rows.append([
            f"{key[0]}, {key[1]}", kept, duration(few["seconds"]), duration(best["seconds"]),
            duration(apart["seconds"]) if best["sums_on_chip"] else "–",
            f"{best['flops'] / best['seconds'] / limit:.1%}",
            f"{traffic:.0%}" if traffic else "–",
        ])  # fmt: skip
    lines = [
        "The span kernel, per run and step, d = d_h = d_v = 512, w_O frozen. Flops are 4 n² r; "
        "their share is of the float64 product above, that of bytes of the copy.",
        "",
        *table(
            ["N", "on chip", f"{few['runs']} runs", f"{most:,} runs",
             "sums in global memory", "flops", "bytes"],
            rows,
        ),
    ]  # fmt: skip
    if cpu:
        same = next(
            row["seconds"] for row in found
            if (row["n_samples"], row["dtype"], row["asked"], row["runs"])
            == (20, "float64", "all", most)
        )  # fmt: skip
        lines += [
            f"The same step on the {document['cores']} CPU cores takes {duration(cpu)} a run "
            f"(N = 20, float64): {number(cpu / same)} times as long.",
            "",
        ]
    return lines


def _others(document: dict[str, Any]) -> list[str]:
    found = document.get("direct")
    if not found:
        return []
    rows = [[name, duration(seconds)] for name, seconds in found.items()]
    return table(["`direct`, one run, N = 20, d = d_h = d_v", "a step"], rows)


def _family(document: dict[str, Any]) -> list[str]:
    rows = [
        [row["device"], f"{row['runs']:,}", duration(row["step"]), duration(row["step_per_run"]),
         duration(row["log_step"]), duration(row["drawing"])]
        for row in document.get("family", [])
    ]  # fmt: skip
    if not rows:
        return []
    head = ["ReLU CNN, d = 10⁶", "runs", "a step", "per run", "a log step", "drawing the starts"]
    return table(head, rows)


def _heat_map(document: dict[str, Any]) -> list[str]:
    found = document.get("heat_map")
    if not found:
        return []
    phases = list(found[0]["seconds"])
    rows = [
        [phase, *(duration(one["seconds"][phase] * _MAP_CELLS / one["cells"]) for one in found)]
        for phase in phases
    ]
    lines = table(["the paper's heat map", *(f"trained on {one['device']}" for one in found)], rows)
    if found[0]["cells"] < _MAP_CELLS:
        lines[:0] = [
            f"The heat map's times are {_MAP_CELLS / found[0]['cells']:g} times those of "
            f"{found[0]['cells']} of its {_MAP_CELLS:,} cells.",
            "",
        ]
    return lines


def main(args: Sequence[str] | None = None) -> int:
    """Write the tables."""
    parser = argparse.ArgumentParser(prog="gpu_table", description=__doc__)
    parser.add_argument("numbers", nargs="?", type=Path, default=NUMBERS)
    parser.add_argument("--out", type=Path, default=TABLE)
    chosen = parser.parse_args(args)
    document = json.loads(chosen.numbers.read_text(encoding="utf-8"))
    chosen.out.write_text(render(document), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
