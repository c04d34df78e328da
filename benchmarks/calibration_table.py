"""The page of measured error rates, from the document `calibration.py` writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Line = Mapping[str, Any]

_HEAD = """# Calibration

How often verdicts and intervals are right when the truth is known. `compare/planted` writes
trajectories from known constants and stage times, with the scatter between runs measured on preset
`quick`, and takes every study through event detection, fitting, slack and the ledger's own checks.
What each statistic is: [how verdicts are made](how-verdicts-are-made).

This page is generated: `python benchmarks/calibration.py --json docs/calibration.json`, then
`python benchmarks/calibration.py --table docs/calibration.json > docs/calibration.md`.
"""


def calibration_page(document: Line) -> str:
    """The Markdown page of one document."""
    plants = document["plants"]
    sized = [line for line in plants if "-shifted-" in line["plant"]]
    rest = [line for line in plants if "-shifted-" not in line["plant"]]
    truths = [line for line in rest if line["nominal"] is not None]
    others = [line for line in rest if line["nominal"] is None]
    return "\n".join(
        [
            _HEAD,
            f"{document['replicates']} replicates of each plant, seed {document['seed']}; rates "
            "with exact 95% intervals.\n",
            "## Truths: how often they are rejected\n",
            "VIOLATED, OUT_OF_SCOPE or ERROR on a claim that is true, slack included.\n",
            _table(
                ("claim", "planted", "rejected", "allowed", "HOLDS"),
                [
                    (line["claim"], line["statement"], _rate(line), _share(line["nominal"]),
                     _share(_status(line, "HOLDS")))
                    for line in truths
                ],
            ),
            "\n## Departures: how often they are found\n",
            _table(
                ("claim", "planted", "verdict asked for", "given"),
                [(line["claim"], line["statement"], line["kind"], _rate(line)) for line in others],
            ),
            "\n## Departures by size and scatter\n",
            "Held-out constants off the calibration cells' own by twice the slack and more. The "
            "envelope covers the worst calibration run, so what it leaves room for grows with the "
            "scatter between runs: the second column is a factor on the measured scatter.\n",
            _table(
                ("claim", "scatter", "planted", "VIOLATED"),
                [
                    (line["claim"], f"{line['scatter']:g}", line["statement"], _rate(line))
                    for line in sorted(sized, key=lambda one: (one["claim"], -one["scatter"]))
                ],
            ),
            "\n## Intervals: how often they cover\n",
            "All are nominally 95%. One-sided limits and exact intervals of counts may cover more; "
            "the others should cover 93 to 97%.\n",
            _table(
                ("interval", "setting", "sides", "covers"),
                [
                    (line["interval"], line["setting"], line["sides"], _rate(line))
                    for line in document["coverage"]
                ],
            ),
            "\n## Constants without noise\n",
            _table(
                ("regime", "constant", "planted", "fitted", "relative error"),
                [
                    (line["regime"], line["name"], f"{line['planted']:g}", f"{line['fitted']:.7g}",
                     f"{line['relative_error']:.0e}")
                    for line in document["constants"]
                ],
            ),
            "",
        ]
    )  # fmt: skip


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    names = list(head)
    lines = [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    lines += [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines)


def _status(line: Line, status: str) -> float:
    return float(line["statuses"].get(status, 0) / line["replicates"])


def _share(rate: float) -> str:
    return f"{100 * rate:.1f}%"


def _rate(line: Line) -> str:
    if not line["replicates"]:
        return f"{_share(line['rate'])} (exact)"
    return f"{_share(line['rate'])} ({100 * line['low']:.1f} to {100 * line['high']:.1f})"
