"""JSON: a record a line, and the ``trainer_state.json`` of Hugging Face's Trainer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...errors import CompareError
from ..raw import RawTable

#: Endings of files with a record a line.
LINES = (".jsonl", ".ndjson")
#: A key that only the Trainer's summary of a whole run has; its train_loss is a mean over the run.
_SUMMARY = "train_runtime"


def json_table(path: Path, run: str = "") -> RawTable:
    """A table in a JSON file.

    Args:
        path: ``.jsonl``, ``.ndjson``, or a Trainer's ``.json``.
        run: the name of its run, if no key names runs.

    Raises:
        CompareError: naming the line, if it is not a record of numbers and texts.
        OSError: the file cannot be read.
        UnicodeDecodeError: it is not UTF-8 text.
    """
    if path.suffix in LINES:
        return _table(str(path), list(_lines(path)), run, "line", "")
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        if isinstance(error, UnicodeDecodeError):
            raise
        raise CompareError(f"{path}: not valid JSON: {error}") from None
    history = document.get("log_history") if isinstance(document, dict) else document
    if not isinstance(history, list):
        raise CompareError(
            f"{path}: has no log_history; a Trainer's trainer_state.json, a list of records or "
            "lines of records (.jsonl) can be read"
        )
    records = [
        (number, _record(str(path), "entry", number, entry))
        for number, entry in enumerate(history, 1)
    ]
    kept = [(number, record) for number, record in records if _SUMMARY not in record]
    kind = "a Trainer's log" if isinstance(document, dict) else ""
    return _table(str(path), kept, run, "entry", kind)


def _lines(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with path.open(encoding="utf-8-sig") as file:
        for number, text in enumerate(file, 1):
            if not text.strip():
                continue
            try:
                record = json.loads(text)
            except ValueError as error:
                raise CompareError(f"{path}: line {number}: not valid JSON: {error}") from None
            yield number, _record(str(path), "line", number, record)


def _record(path: str, where: str, number: int, record: object) -> Mapping[str, Any]:
    if not isinstance(record, dict):
        raise CompareError(f"{path}: {where} {number}: must be a record, {{...}}")
    return record


def _table(
    path: str, records: Sequence[tuple[int, Mapping[str, Any]]], run: str, where: str, kind: str
) -> RawTable:
    """Records as rows; a key that a record lacks is an empty field, a null a NaN."""
    header = list(dict.fromkeys(key for _, record in records for key in record))
    rows = ((number, [_text(record, key) for key in header]) for number, record in records)
    return RawTable(path, header, rows, run, where=where, kind=kind)


def _text(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key, "")
    if value is None:  # pandas writes NaN so
        return "nan"
    return value if isinstance(value, str) else json.dumps(value)
