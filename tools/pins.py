"""Pin a report's verdicts and numbers: ``python tools/pins.py results/paper-quick``.

The test of the pins decides claims again and fails with the differences if a claim has moved.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bofcheck.compare.report import ReportDiff, diff_reports, read_comparable
from trim import PINNED, Document, trim, write

PINS = Path(__file__).parents[1] / "tests" / "pins" / "quick.json"
#: The command that makes the pinned report.
COMMAND = "bofcheck claims --run --preset quick"
#: Relative change up to which a number counts as the same on another machine: other vector units
#: round differently, and events are interpolated between logged steps.
TOLERANCE = 0.01
#: Statistics below this are rounding errors, which differ between machines; they are pinned as 0.
ROUNDING = 1e-9


def pinned(report: Mapping[str, Any], date: str) -> Document:
    """The pins, with their origin."""
    kept = _trimmed(report)
    origin = {"date": date, "command": COMMAND, "made_with": kept.pop("provenance")}
    return {"format": "bofcheck pins", "origin": origin, **kept}


def moved(pins: Mapping[str, Any], report: Mapping[str, Any], *, some: bool = False) -> ReportDiff:
    """The differences between a report and the pins.

    Args:
        pins: the committed pins.
        report: a report of the same command, or of a command that decides some of the claims.
        some: compare only the claims in the report, and the constants of its theorems.
    """
    now = _trimmed(report)
    before = {"claims": pins["claims"], "constants": pins["constants"]}
    after = {"claims": now["claims"], "constants": now["constants"]}
    if some:
        decided = {(claim["id"], claim["regime"]) for claim in after["claims"]}
        fitted = {group["regime"] for group in after["constants"]}
        before = {
            "claims": [c for c in pins["claims"] if (c["id"], c["regime"]) in decided],
            "constants": [group for group in pins["constants"] if group["regime"] in fitted],
        }
    return diff_reports(before, after, tolerance=TOLERANCE)


def _trimmed(report: Mapping[str, Any]) -> Document:
    kept = trim(report, PINNED)
    for claim in kept["claims"]:
        if isinstance(claim["statistic"], float) and abs(claim["statistic"]) < ROUNDING:
            claim["statistic"] = 0.0
    return kept


def main(args: Sequence[str] | None = None) -> int:
    """Write the pins from a results folder; print what moved since the last pins."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path, help="a report.json of preset quick, or its folder")
    parser.add_argument("--out", type=Path, default=PINS)
    options = parser.parse_args(args)
    report = read_comparable(options.report)
    if options.out.exists():
        print(*moved(json.loads(options.out.read_text(encoding="utf-8")), report).lines(), sep="\n")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    write(options.out, pinned(report, datetime.datetime.now(datetime.UTC).date().isoformat()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
