"""Read reports back, and the last decision on one claim in a results folder."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from operator import itemgetter
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, create_model

from ..errors import CompareError
from .entry import Entry
from .models import (
    SCHEMA,
    CellEntry,
    ClaimEntry,
    ConstantEntry,
    ConstantsEntry,
    Report,
    count_verdicts,
)

#: In a results folder: the report of a whole ledger or verification, and a file for each claim.
REPORT, CLAIMS = "report.json", "claims"
AGAIN = "rerun the command that wrote it"


# mypy cannot name a model made at run time: the reason for each "type: ignore" of this file
def _loose(whole: type[Entry], needed: str, optional: str = "", **parts: Any) -> type[BaseModel]:
    """A model that checks some fields of an entry and ignores what another version adds."""
    fields: dict[str, Any] = {name: (part, ...) for name, part in parts.items()}
    for name in f"{needed} {optional}".split():
        field = copy(whole.model_fields[name])
        if name in optional.split():
            field.default = None
        fields[name] = (field.annotation, field)
    return create_model(whole.__name__, __config__=ConfigDict(extra="allow", strict=True), **fields)


_CLAIM = _loose(
    ClaimEntry,
    "id regime verdict reason scope statistic statistic_name relation threshold",
    "provenance tightness weak discrimination",
)
_CONSTANTS = _loose(
    ConstantsEntry,
    "regime",
    "failures",
    constants=list[_loose(ConstantEntry, "name fitted widened")],  # type: ignore[misc]
)
_COMPARABLE = _loose(
    Report,
    "",
    claims=list[_CLAIM],  # type: ignore[valid-type]
    constants=list[_CONSTANTS],  # type: ignore[valid-type]
    cells=list[_loose(CellEntry, "regime name", "problem")],  # type: ignore[misc]
    provenance=dict[str, Any],
)


def read(path: str | Path) -> Report:
    """Read and check a report.

    Args:
        path: a ``report.json``, or its results folder.

    Raises:
        CompareError: there is no report, it cannot be read, is not a bofcheck report, has another
            layout, or is damaged.

    Example:
        >>> import tempfile
        >>> from bofcheck.compare import claims_plan, report, verify
        >>> verification = verify(claims_plan("quick", claims=("I5",)))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = report.write(verification, folder)
        ...     kept = report.read(folder)
        >>> kept.counts["HOLDS"], kept.claims[0].id
        (1, 'I5')
    """
    file, document = _load(path)
    with reading(file):
        try:
            report = Report.model_validate(document)
        except ValidationError as error:
            raise _damaged(file, error) from None
    _check_keys(file, document)
    if report.counts != count_verdicts(claim.verdict for claim in report.claims):
        raise CompareError(f"{file}: is damaged at counts: they do not match its claims; {AGAIN}")
    return report


def read_comparable(path: str | Path) -> dict[str, Any]:
    """A report for comparison, by any version that wrote the compared parts.

    Args:
        path: as for `read`.

    Returns:
        The document as it is; only the parts that `diff_reports` compares have been checked.

    Raises:
        CompareError: as for `read`.

    Example:
        >>> import json, tempfile
        >>> parts = {"claims": [], "constants": [], "cells": [], "provenance": {"bofcheck": "0.1"}}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     text = json.dumps({"format": "bofcheck report", "schema": SCHEMA, **parts})
        ...     _ = Path(folder, "report.json").write_text(text)
        ...     read_comparable(folder)["provenance"]
        {'bofcheck': '0.1'}
    """
    file, document = _load(path)
    try:
        _COMPARABLE.model_validate(document)
    except ValidationError as error:
        raise _damaged(file, error) from None
    _check_keys(file, document)
    return document


@contextmanager
def reading(*files: str | Path) -> Iterator[None]:
    """A context in which any failure is reported as damage in the files that were read.

    A report of the right shape can still hold values that no command writes, and no check foresees
    them all.

    Args:
        files: the reports, or their folders.

    Raises:
        CompareError: an error was raised that the documents may have caused.

    Example:
        >>> with reading("results/mine"):
        ...     1 / 0
        Traceback (most recent call last):
            ...
        bofcheck.compare.errors.CompareError: ...: is damaged: ZeroDivisionError: ...
    """
    try:
        yield
    except (OSError, MemoryError, CompareError):
        raise
    except Exception as error:
        named = " or ".join(str(_file(file)) for file in files)
        why = f"{type(error).__name__}: {error}"
        raise CompareError(f"{named}: is damaged: {why}; {AGAIN}") from error


def _check_keys(file: Path, document: dict[str, Any]) -> None:
    """Refuse a claim or constant that appears twice: a comparison would lose the second.

    Cells may appear twice, since two studies may use them.
    """
    claims = [(claim["id"], claim["regime"]) for claim in document["claims"]]
    constants = [
        (constant["name"], group["regime"])
        for group in document["constants"]
        for constant in group["constants"]
    ]
    for what, keys in (("claim", claims), ("constant", constants)):
        (name, regime), count = max(Counter(keys).items(), key=itemgetter(1), default=(("", ""), 0))
        if count > 1:
            where = f" ({regime})" if regime else ""
            raise CompareError(
                f"{file}: is damaged: {what} {name}{where} appears {count} times; {AGAIN}"
            )


def _file(path: str | Path) -> Path:
    given = Path(path)
    return given / REPORT if given.is_dir() else given


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _load(path: str | Path) -> tuple[Path, dict[str, Any]]:
    file = _file(path)
    try:
        document = json.loads(file.read_bytes(), parse_float=_finite, parse_constant=_finite)
        json.dumps(document, ensure_ascii=False).encode()  # half a character cannot be encoded
    except FileNotFoundError:
        raise CompareError(
            f"{file}: no such report; verify, reproduce and claims --run (all claims) write one"
        ) from None
    except OSError as error:
        raise CompareError(f"{file}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise CompareError(
            f"{file}: is not valid JSON of finite numbers and whole characters; {AGAIN}"
        ) from None
    if not isinstance(document, dict) or document.get("format") != "bofcheck report":
        raise CompareError(f"{file}: is not a bofcheck report; give a report.json or its folder")
    if document.get("schema") != SCHEMA:
        raise CompareError(
            f"{file}: has layout {document.get('schema')!r}, this version reads layout {SCHEMA}; "
            f"{AGAIN}"
        )
    return file, document


def _damaged(file: Path, error: ValidationError) -> CompareError:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    message = f"{first['msg'][:1].lower()}{first['msg'][1:]}"
    value = first["input"]
    if message.startswith("input should") and isinstance(value, str | int | float | None):
        message = f"{repr(value)[:80]} {message.removeprefix('input ')}"
    return CompareError(f"{file}: is damaged at {where}: {message}; {AGAIN}")


def last_evidence(folder: str | Path, claim: str) -> list[dict[str, Any]]:
    """The last decision on a claim in a results folder, one entry for each regime.

    Args:
        folder: a results folder, with files of `write_claims` or a report.
        claim: the claim's id.

    Returns:
        Entries like the report's, of any version; empty if the folder has no decision on it.

    Raises:
        CompareError: the file cannot be read.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     last_evidence(folder, "B2")
        []
    """
    file = Path(folder) / CLAIMS / f"{claim}.json"
    if file.exists():
        try:
            entries: list[dict[str, Any]] = json.loads(file.read_bytes())["claims"]
            TypeAdapter(list[_CLAIM]).validate_python(entries)  # type: ignore[valid-type]
        except (OSError, ValueError, LookupError, TypeError):
            raise CompareError(
                f"{file}: cannot be read; delete it and decide {claim} again"
            ) from None
        return entries
    if (Path(folder) / REPORT).exists():
        return [entry for entry in read_comparable(folder)["claims"] if entry["id"] == claim]
    return []
