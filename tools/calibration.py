"""How often verdicts are wrong: error rates on known truths and on departures from them.

Usage:
    python tools/calibration.py --replicates 1000 --json tools/calibration.json
    python tools/calibration.py --only wrong_powers --json tools/calibration.json
    python tools/calibration.py --table tools/calibration.json > docs/calibration.md
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from bofcheck.compare.calibration import all_scenarios
from bofcheck.compare.calibration.operating_characteristics import PARTS, calibrate
from calibration_table import calibration_page


def updated(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """A document with some of its parts, and of the scenarios some lines, measured again."""
    lines = now.get("scenarios", [])
    again = {(line["scenario"], line["claim"], line["scatter"]): line for line in lines}
    old = [(line["scenario"], line["claim"], line["scatter"]) for line in before["scenarios"]]
    scenarios = [again.pop(key, line) for key, line in zip(old, before["scenarios"], strict=True)]
    rest = {part: lines for part, lines in now.items() if part in PARTS}
    return before | rest | {"scenarios": [*scenarios, *again.values()]}


def main(arguments: list[str] | None = None) -> int:
    """Measure the error rates, or print the page of a measured document."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replicates", type=int, default=1000, help="studies of each scenario")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1, help="processes that share the work")
    parser.add_argument("--json", type=Path, help="file for the document; by default it is printed")
    parser.add_argument("--table", type=Path, help="print the page of this document, and stop")
    parser.add_argument(
        "--only", nargs="+", metavar="PART", default=[],
        help=f"measure only these, of {', '.join(PARTS)} and the names of scenarios, and leave "
        "the rest of the file as it is",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    if options.table:
        sys.stdout.write(calibration_page(json.loads(options.table.read_text())))
        return 0
    if options.replicates < 1:
        parser.error(f"--replicates {options.replicates}: must be at least 1")
    unknown = sorted(set(options.only) - {*PARTS, *all_scenarios()})
    if unknown:
        parser.error(f"--only {' '.join(unknown)}: neither a part nor a scenario")
    parts = [part for part in PARTS if part in options.only or not options.only]
    named = [name for name in options.only if name not in PARTS]
    document = calibrate(
        options.replicates, seed=options.seed, workers=options.workers,
        parts=[*parts, "scenarios"] if named else parts, named=named,
    )  # fmt: skip
    if options.only and options.json and options.json.exists():
        document = updated(json.loads(options.json.read_text()), document)
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    if options.json:
        options.json.write_text(text)
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
