"""How often verdicts are wrong: error rates on known truths and on departures from them.

Usage:
    python tools/calibration.py --replicates 1000 --json tools/calibration.json
    python tools/calibration.py --table tools/calibration.json > docs/calibration.md
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from bofcheck.compare.calibration.operating_characteristics import calibrate
from calibration_table import calibration_page


def main(arguments: list[str] | None = None) -> int:
    """Measure the error rates, or print the page of a measured document."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replicates", type=int, default=1000, help="studies of each scenario")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1, help="processes that share the work")
    parser.add_argument("--json", type=Path, help="file for the document; by default it is printed")
    parser.add_argument("--table", type=Path, help="print the page of this document, and stop")
    options = parser.parse_args(arguments)
    if options.table:
        sys.stdout.write(calibration_page(json.loads(options.table.read_text())))
        return 0
    if options.replicates < 1:
        parser.error(f"--replicates {options.replicates}: must be at least 1")
    document = calibrate(options.replicates, seed=options.seed, workers=options.workers)
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    if options.json:
        options.json.write_text(text)
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
