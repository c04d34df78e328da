"""The part of a report kept in the repository: its verdicts, numbers and constants."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Document = dict[str, Any]

#: Keys of a claim's entry for the findings page; the pins keep those that no wording changes.
SHOWN = (
    "id", "regime", "statement", "verdict", "reason", "scope", "provenance", "seen", "source",
    "statistic", "statistic_name", "relation", "threshold", "weak", "discrimination",
)  # fmt: skip
PINNED = ("id", "regime", "verdict", "scope", "provenance", "statistic", "threshold")
#: Digits of a number to keep.
DIGITS = 9


def trim(report: Mapping[str, Any], keys: tuple[str, ...], digits: int = DIGITS) -> Document:
    """The claims with some of their keys, the constants and the provenance of a report.

    >>> claim = {"id": "B2", "statistic": 1 / 3, "evidence": {}}
    >>> origin = {"train_seconds": 1.0, "bofcheck": "0"}
    >>> trim({"claims": [claim], "constants": [], "provenance": origin}, ("id", "statistic"), 3)
    {'claims': [{'id': 'B2', 'statistic': 0.333}], 'constants': [], 'provenance': {'bofcheck': '0'}}
    """
    origin = {key: value for key, value in report["provenance"].items() if key != "train_seconds"}
    kept = {
        "claims": [{k: claim[k] for k in keys if k in claim} for claim in report["claims"]],
        "constants": report["constants"],
        "provenance": origin,
    }
    rounded: Document = _round(kept, digits)
    return rounded


def write(path: Path, document: Document) -> None:
    """Write a document as JSON that is easy to read and compare line by line."""
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _round(value: Any, digits: int) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{digits}g}")
    if isinstance(value, Mapping):
        return {key: _round(item, digits) for key, item in value.items()}
    if isinstance(value, list):
        return [_round(item, digits) for item in value]
    return value
