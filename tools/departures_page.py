"""Findings and pictures of departures: ``python tools/departures_page.py FOLDER``.

FOLDER is where ``bofcheck transfer`` wrote its files.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
#: Picture of a study -> where the docs show it.
PICTURES = {"transfer.png": "departures.png", "doses.png": "doses.png"}


def main(args: Sequence[str] | None = None) -> int:
    """Copy the pictures, and write the findings as a list."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args(args).folder
    found = json.loads((folder / "transfer.json").read_text(encoding="utf-8"))["findings"]
    text = "".join(f"- {sentence}\n" for sentence in found)
    (DOCS / "_generated" / "departures.md").write_text(text, encoding="utf-8")
    for name, shown in PICTURES.items():
        shutil.copyfile(folder / name, DOCS / "images" / shown)
    return 0


if __name__ == "__main__":
    sys.exit(main())
