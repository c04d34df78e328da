"""The docs' tables from the benchmark's JSON: ``python benchmarks/tables.py``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from figures import Document, find_row, was_busy
from formats import dimension, duration, number, size, table
from harness.cell import Cell
from plan import YARDSTICKS

ROOT = Path(__file__).parents[1]
#: Committed files: the numbers, and the tables made from them.
NUMBERS = ROOT / "benchmarks" / "engines.json"
TABLE = ROOT / "docs" / "_generated" / "benchmarks.md"

_SPAN_PARTS = {
    "d=128": "step, d = 128",
    "d=10^6": "step, d = 10⁶",
    "frozen": "step, d = 512",
    "trained": "step, d = 512, w_O trained",
    "one run": "step, d = 512, a single run",
    "look": "log step, d = 512, 1,000 test tokens",
    "test": "the same without log P: losses and errors",
}


def render(document: Document) -> str:
    """The generated part of the page, as Markdown.

    Args:
        document: the output of ``benchmarks/engines.py --json``.
    """
    return "\n".join([*_heading(document), *_targets(document), *_steps(document),
                      *_memory(document), *_span(document)])  # fmt: skip


def _heading(document: Document) -> list[str]:
    machine, limits = document["machine"], document["limits"]
    libraries = ", ".join(f"{name} {version}" for name, version in document["versions"].items())
    measured = [
        row for group in document["groups"] for row in group["rows"] if row["outcome"] == "measured"
    ]
    spreads = [row["highest"] / row["lowest"] for row in measured] or [1.0]
    lines = [
        "<!-- made by benchmarks/tables.py from benchmarks/engines.json; do not edit -->",
        "",
        f"{machine['model']}, {machine['cores']} cores, {size(machine['memory_bytes'])}, "
        f"{machine['system']}; {libraries}; {document['date'][:10]}. Load before: "
        f"{machine['load']:.1f}.",
        "",
        f"Medians of {limits['rounds']} rounds, everyone in turn; the widest row's slowest turn is "
        f"{max(spreads):.1f} times its quickest, the middle row's "
        f"{median(spreads):.2f} times.",
        "",
    ]
    if was_busy(document):
        lines += [
            "**Provisional: other work kept this machine busy, so these times are too long and "
            "their ratios mean little.**",
            "",
        ]
    if set(document["devices"]) == {"cpu"}:
        lines += ["No GPU on this machine; [GPU](gpu.md) has one card's times.", ""]
    if document["quick"]:
        lines += ["A quick run: short turns, small grid.", ""]
    return lines


def _targets(document: Document) -> list[str]:
    rows = []
    for verdict in document["targets"]:
        figure = verdict["figure"]
        sign = "≥" if verdict["at_least"] else "≤"
        word = {True: "met", False: "missed", None: "not measured"}[verdict["met"]]
        if figure is not None and was_busy(document):
            word = "not judged"
        value = "–" if figure is None else number(figure["value"])
        spread = (
            "–" if figure is None else f"{number(figure['lowest'])} … " + number(figure["highest"])
        )
        rows.append([verdict["target"], f"{sign} {verdict['goal']:,g}", value, spread, word])
    return table(["target", "goal", "measured", "rounds' range", ""], rows)


def _steps(document: Document) -> list[str]:
    """One table per value of N: contenders down, d across; in brackets the ratio to span."""
    lines = []
    for n_samples, dims in _grid(document).items():
        names = [f"N={n_samples} d={dim}" for dim in dims]
        groups = [_group(document, name) for name in names]
        keys = [row["key"] for row in groups[0]["rows"] if row["contender"] not in YARDSTICKS]
        rows = []
        for key in keys:
            timings = [_row(group, key) for group in groups]
            cells = [
                _cell(row, group["figures"]["over_span"].get(key))
                for row, group in zip(timings, groups, strict=True)
            ]
            rows.append([_label(timings[0]), *cells])
        figures = [group["figures"] for group in groups]
        rows.append(["span's share of the flop limit", *[_share(figure) for figure in figures]])
        rows.append(["dgemm", *[_rate(figure) for figure in figures]])
        lines += [f"**N = {n_samples}**, a step of one run (in brackets: over span's)", ""]
        lines += table(["", *[f"d = {dimension(dim)}" for dim in dims]], rows)
    return lines


def _memory(document: Document) -> list[str]:
    """Peak memory, at the smallest and the largest N."""
    grid = _grid(document)
    lines = []
    for n_samples in dict.fromkeys((min(grid, default=0), max(grid, default=0))):
        dims = grid.get(n_samples, [])
        groups = [_group(document, f"N={n_samples} d={dim}") for dim in dims]
        rows = []
        for row in groups[0]["rows"] if groups else []:
            if row["contender"] not in YARDSTICKS:
                measured = [_row(group, row["key"]) for group in groups]
                rows.append([_label(row), *map(_peak, measured)])
        if rows:
            lines += [f"**N = {n_samples}**, peak memory of the process (in brackets: imports)", ""]
            lines += table(["", *[f"d = {dimension(dim)}" for dim in dims]], rows)
    narrow = Cell(n_samples=20, dim=10**6).dense_bytes(4, key_dim=512)
    limit = document["limits"]["memory_bytes"]
    verdict = "more" if narrow > limit else "less"
    return [
        *lines,
        f"Does not fit: needs more than {size(limit)}, a quarter of the machine's memory. At "
        f"d = 10⁶ a float32 loop with d_h = d_v = 512 would need {size(narrow)}, {verdict} than "
        "that.",
        "",
    ]


def _span(document: Document) -> list[str]:
    """The span engine compared with itself, and its compile time."""
    step = find_row(document, "span", "frozen")
    rows = []
    for key, what in _SPAN_PARTS.items():
        row = find_row(document, "span", key)
        if row is not None:
            over = f"{number(row['seconds'] / step['seconds'])}" if step else "–"
            rows.append([what, duration(row["seconds"]), over])
    compiled = document["compile"]
    lines = ["**Span engine, N = 20**, a run", "", *table(["", "time", "steps"], rows)]
    lines = lines if rows else []
    if "first" not in compiled:
        return [*lines, f"Compile time not measured: {compiled['why']}", ""]
    return [
        *lines,
        f"Compiling the kernels takes {duration(compiled['compile'])}, once: the first call of a "
        f"fresh process takes {duration(compiled['first'])} on an empty cache and "
        f"{duration(compiled['cached'])} on a filled one. No time above contains it.",
        "",
    ]


def _grid(document: Document) -> dict[int, list[int]]:
    """The values of d for each N."""
    grid: dict[int, list[int]] = {}
    for group in document["groups"]:
        if group["name"] != "span":
            cell = group["rows"][0]["cell"]
            grid.setdefault(cell["n_samples"], []).append(cell["dim"])
    return grid


def _group(document: Document, name: str) -> dict[str, Any]:
    return next(dict(group) for group in document["groups"] if group["name"] == name)


def _row(group: dict[str, Any], key: str) -> dict[str, Any]:
    return next(dict(row) for row in group["rows"] if row["key"] == key)


def _label(row: dict[str, Any]) -> str:
    return str(row["label"]) + ("" if row["device"] == "cpu" else f", {row['device']}")


def _cell(row: dict[str, Any], over: dict[str, float] | None) -> str:
    """The time, and the thread count if there was a choice, or why it was not measured."""
    outcome = str(row["outcome"])
    if outcome == "does not fit":
        return f"does not fit ({size(row['bytes_needed'])})"
    if outcome == "not run":
        return f"not run: {number(row['probed_seconds'])} s a step of {row['runs']} runs"
    if outcome != "measured":
        return f"{outcome}: {row['why']}"
    ratio = "" if over is None else f" ({number(over['value'])}×)"
    threads = row["threads"]
    used = f", {threads} thread{'s' * (threads > 1)}" if len(row["by_threads"]) > 1 else ""
    return duration(row["seconds"]) + ratio + used


def _share(figures: dict[str, Any]) -> str:
    fraction = figures["limit_fraction"]
    return "–" if fraction is None else f"{fraction['value']:.0%}"


def _rate(figures: dict[str, Any]) -> str:
    rate = figures["dgemm_flops"]
    return "–" if rate is None else f"{number(rate / 1e9)} GFLOP/s"


def _peak(row: dict[str, Any]) -> str:
    if row["outcome"] != "measured":
        return str(row["outcome"])
    device = f"; device {size(row['device_peak_bytes'])}" if row["device_peak_bytes"] else ""
    return f"{size(row['peak_bytes'])} ({size(row['import_bytes'])}){device}"


def main(args: Sequence[str] | None = None) -> int:
    """Write the table."""
    parser = argparse.ArgumentParser(prog="tables", description=__doc__)
    parser.add_argument("numbers", nargs="?", type=Path, default=NUMBERS)
    parser.add_argument("--out", type=Path, default=TABLE)
    chosen = parser.parse_args(args)
    document = json.loads(chosen.numbers.read_text(encoding="utf-8"))
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(render(document), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
