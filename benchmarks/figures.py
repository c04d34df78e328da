"""Ratios, rates and fractions of the flop limit, and whether the targets are met."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

from contenders.dgemm import SIZE
from harness.cell import Cell
from plan import YARDSTICKS

Row = Mapping[str, Any]
Document = Mapping[str, Any]
#: Median, lowest and highest over rounds, if both sides were measured.
Figure = dict[str, float]


def was_busy(document: Document) -> bool:
    """Whether other work kept half of the cores busy at the start; then nothing is judged."""
    machine = document["machine"]
    return bool(machine["load"] > 0.5 * machine["cores"])


def find_row(document: Document, group: str, key: str) -> Row | None:
    """The row of that key in that group, if it was measured."""
    for measured in document["groups"]:
        if measured["name"] == group:
            for row in measured["rows"]:
                if row["key"] == key and row["outcome"] == "measured":
                    return dict(row)
    return None


def dgemm_row(document: Document, group: str) -> Row | None:
    """The fastest yardstick of a group."""
    rows = [find_row(document, group, f"{name}@cpu") for name in YARDSTICKS]
    measured = [row for row in rows if row is not None]
    return min(measured, key=lambda row: float(row["seconds"]), default=None)


def dgemm_rate(document: Document, group: str) -> float | None:
    """Flops per second of a large float64 product on all cores, in that group's rounds."""
    row = dgemm_row(document, group)
    return None if row is None else 2.0 * SIZE**3 / row["seconds"]


def ratio(top: Row | None, bottom: Row | None) -> Figure | None:
    """The ratio of two rows' seconds: of the medians, and its range over rounds.

    >>> a, b = {"samples": [2.0, 4.0, 6.0]}, {"samples": [1.0, 1.0, 2.0]}
    >>> ratio(a, b) == {"value": 4.0, "lowest": 2.0, "highest": 4.0}
    True
    """
    if top is None or bottom is None:
        return None
    pairs = [over / under for over, under in zip(top["samples"], bottom["samples"], strict=True)]
    return {
        "value": median(top["samples"]) / median(bottom["samples"]),
        "lowest": min(pairs),
        "highest": max(pairs),
    }


def limit_fraction(document: Document, group: str, key: str = "span@cpu") -> Figure | None:
    """Share of the flop limit: 4 n² r flops at the group's dgemm rate, over the time taken."""
    row, yardstick = find_row(document, group, key), dgemm_row(document, group)
    figure = ratio(yardstick, row)
    if figure is None or row is None:
        return None
    share = Cell(**row["cell"]).flops / (2.0 * SIZE**3)
    return {name: share * value for name, value in figure.items()}


def group_figures(document: Document, group: str) -> dict[str, Any]:
    """Figures from all rows of a group; None if something was not measured."""
    span = find_row(document, group, "span@cpu")
    rows = next(each["rows"] for each in document["groups"] if each["name"] == group)
    others = [row["key"] for row in rows if row["contender"] not in ("span", *YARDSTICKS)]
    return {
        "dgemm_flops": dgemm_rate(document, group),
        "limit_fraction": limit_fraction(document, group),
        "over_span": {key: ratio(find_row(document, group, key), span) for key in others},
    }


def compare_targets(document: Document) -> list[dict[str, Any]]:
    """The targets, with the measured value and whether it meets them (None: not measured)."""
    verdicts = []
    for target, goal, at_least, measure in _TARGETS:
        figure = measure(document)
        met = None
        if figure is not None:
            met = figure["value"] >= goal if at_least else figure["value"] <= goal
        verdicts.append(
            {"target": target, "goal": goal, "at_least": at_least, "met": met, "figure": figure}
        )
    return verdicts


def _over(top: str, bottom: str) -> Callable[[Document], Figure | None]:
    def measure(document: Document) -> Figure | None:
        return ratio(find_row(document, "span", top), find_row(document, "span", bottom))

    return measure


def _loop_over_span(document: Document) -> Figure | None:
    rows = (find_row(document, "N=20 d=512", key) for key in ("loop-float32@cpu", "span@cpu"))
    return ratio(*rows)


def _fraction(group: str) -> Callable[[Document], Figure | None]:
    return lambda document: limit_fraction(document, group)


_TARGETS: list[tuple[str, float, bool, Callable[[Document], Figure | None]]] = [
    ("float32 loop ÷ span, N = 20, d = 512", 1000.0, True, _loop_over_span),
    ("share of the flop limit, N = 20, d = 512", 0.35, True, _fraction("N=20 d=512")),
    ("the same, stretch", 0.5, True, _fraction("N=20 d=512")),
    ("share of the flop limit, N = 100, d = 512", 0.6, True, _fraction("N=100 d=512")),
    ("span at d = 10⁶ ÷ at d = 128, N = 20", 1.1, False, _over("d=10^6", "d=128")),
    ("span with w_O trained ÷ frozen, N = 20", 1.3, False, _over("trained", "frozen")),
    ("log step with 1,000 test tokens ÷ step, N = 20", 60.0, False, _over("look", "frozen")),
    ("the same without log P", 60.0, False, _over("test", "frozen")),
]
