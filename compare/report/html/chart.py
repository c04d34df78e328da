"""Curves of every held-out problem, as data of the page's chart.

The chart is drawn by the page's script from the table of the figure ``problems``; without scripts,
and on paper, the figure itself is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ...figures.table import Table

#: Points of a curve, at most.
_POINTS = 40


def charts(tables: Mapping[str, str]) -> list[dict[str, Any]]:
    """What the chart shows, one entry for each table.

    Args:
        tables: CSV texts of the figure ``problems``, by the name of the figure.

    Example:
        >>> rows = [{"drawing": "problems", "panel": "a", "kind": kind, "series": series,
        ...          "step": step, "value": -1.0, "low": -2.0, "high": 0.0}
        ...         for kind, series in (("median", "runs"), ("bound", "B1")) for step in (0, 10)]
        >>> rows += [{"drawing": "problems", "panel": "a", "kind": kind, "series": series}
        ...          for kind, series in (("cell", "$N = 4$"), ("about", "excess"))]
        >>> (chart,) = charts({"benign-problems": Table(tuple(rows)).to_csv()})
        >>> chart["excess"], [problem["title"] for problem in chart["problems"]]
        (True, ['N = 4'])
        >>> [curve["name"] for curve in chart["problems"][0]["curves"]]
        ['runs', 'B1']
    """
    return [entry for name, text in tables.items() if (entry := _chart(name, text))]


def _chart(name: str, text: str) -> dict[str, Any] | None:
    table = Table.from_csv(text)
    if not len(table) or "panel" not in table.columns:
        return None
    about = table.select(kind="about").texts("series")
    problems = [_problem(table.select(panel=panel)) for panel in table.texts("panel")]
    return {
        "name": name,
        "excess": about[:1] == ["excess"],
        "quantity": "test error − p" if about[:1] == ["excess"] else "test loss",
        "problems": problems,
    }


def _problem(part: Table) -> dict[str, Any]:
    title = next(iter(part.select(kind="cell").texts("series")), "")
    curves = []
    for kind in ("median", "predicted", "bound"):
        rows = part.select(kind=kind)
        names = rows.texts("series") if len(rows) else []
        curves += [_curve(kind, name, rows.select(series=name)) for name in names]
    events = part.select(kind="event")
    return {
        "title": plain(title),
        "curves": curves,
        "events": [[str(row["series"]), row["step"]] for row in events] if len(events) else [],
    }


def _curve(kind: str, name: str, rows: Table) -> dict[str, Any]:
    kept = list(rows)[:: max(1, -(-len(rows) // _POINTS))]
    curve: dict[str, Any] = {
        "kind": kind,
        "name": name,
        "steps": _numbers(row["step"] for row in kept),
        "values": _numbers(row["value"] for row in kept),
    }
    if kind == "median":
        curve |= {end: _numbers(row[end] for row in kept) for end in ("low", "high")}
    return curve


def _numbers(values: Iterable[Any]) -> list[float | None]:
    """Four digits are more than a screen shows."""
    return [None if value in (None, "") else float(f"{float(value):.4g}") for value in values]


def plain(title: str) -> str:
    r"""A typeset title in plain text.

    >>> plain(r"$N = 25$, $d = 4.3{\times}10^{9}$, $\mathrm{SNR} = 1$, $\eta = 0.1$; inside")
    'N = 25, d = 4.3×10^9, SNR = 1, η = 0.1; inside'
    """
    text = title.replace(r"{\times}", "×").replace(r"\eta", "η").replace(r"\mathrm", "")
    return re.sub(r"[${}]", "", text)
