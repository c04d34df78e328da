"""Read reports back: whole ones, and the last decision on one claim in a results folder."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any, NotRequired

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from ...simulate.store.atomic import write_atomically
from ..errors import CompareError
from .document import SCHEMA, count_verdicts
from .models import (
    ClaimEntry,
    Number,
    ProvenanceWord,
    RelationWord,
    Report,
    ScopeWord,
    VerdictWord,
)

#: In a results folder: the report of a whole ledger or verification, and one file a claim.
REPORT, CLAIMS = "report.json", "claims"
AGAIN = "run the command again that wrote it"


_extensible = with_config(ConfigDict(extra="allow"))


@_extensible
class _Claim(TypedDict):
    """What is read of a claim's entry, whatever else a version writes."""

    id: str
    regime: str
    verdict: VerdictWord
    reason: str
    scope: ScopeWord
    provenance: NotRequired[ProvenanceWord]
    statistic: Number
    statistic_name: str
    relation: RelationWord
    threshold: Number
    tightness: NotRequired[Number]


@_extensible
class _Constant(TypedDict):
    name: str
    fitted: Number
    widened: Number


@_extensible
class _Constants(TypedDict):
    regime: str
    constants: list[_Constant]
    failures: NotRequired[dict[str, str]]


@_extensible
class _Cell(TypedDict):
    regime: str
    name: str
    problem: NotRequired[dict[str, Any]]


@_extensible
class _Report(TypedDict):
    """What is read of a report, whatever else a version writes."""

    claims: list[_Claim]
    constants: list[_Constants]
    cells: list[_Cell]
    provenance: dict[str, Any]


def read_report(path: str | Path) -> Report:
    """Read and check a report.

    Args:
        path: a ``report.json``, or the results folder it lies in.

    Returns:
        The document, of the shape `bofcheck.compare.report.models.Report`.

    Raises:
        CompareError: there is none, it cannot be read, is no bofcheck report, is of another
            layout, or is damaged.

    Example:
        >>> import tempfile
        >>> from bofcheck.compare.papers.zhang2025.decide import LedgerSettings, decide_ledger
        >>> from bofcheck.compare.report.document import report_document, report_text
        >>> made = decide_ledger(LedgerSettings("quick", seeds=None, claims=("I5",)))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "report.json").write_bytes(report_text(report_document(made)))
        ...     report = read_report(folder)
        >>> report["counts"]["HOLDS"], report["claims"][0]["id"]
        (1, 'I5')
    """
    file, document = _load(path)
    try:
        checked: Report = TypeAdapter(Report).validate_python(document)
    except ValidationError as error:
        raise _damaged(file, error) from None
    _check_keys(file, document)
    if checked["counts"] != count_verdicts(one["verdict"] for one in checked["claims"]):
        raise CompareError(
            f"{file}: is damaged at counts: they are not those of its claims; {AGAIN}"
        )
    return checked


def read_comparable(path: str | Path) -> dict[str, Any]:
    """A report to be compared, of any version that wrote what is compared.

    Args:
        path: as for `read_report`.

    Returns:
        The document as it is; only what `diff_reports` compares has been checked.

    Raises:
        CompareError: as for `read_report`.

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
        TypeAdapter(_Report).validate_python(document)
    except ValidationError as error:
        raise _damaged(file, error) from None
    _check_keys(file, document)
    return document


@contextmanager
def reading(*files: str | Path) -> Iterator[None]:
    """Where what was read is put to use: a failure there is the files'.

    A report of the right shape can still hold what no command writes, and it is not worth
    foreseeing all of that.

    Args:
        files: the reports, or their folders.

    Raises:
        CompareError: anything was raised but what is no matter of the documents.

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
        named = " or ".join(str(_file(one)) for one in files)
        why = f"{type(error).__name__}: {error}"
        raise CompareError(f"{named}: is damaged: {why}; {AGAIN}") from error


def _check_keys(file: Path, document: dict[str, Any]) -> None:
    """Every claim and every constant is there once: one of two would be lost in any comparison.

    Cells may be there twice, where two studies look at them.
    """
    claims = [(one["id"], one["regime"]) for one in document["claims"]]
    constants = [
        (one["name"], group["regime"])
        for group in document["constants"]
        for one in group["constants"]
    ]
    for what, keys in (("claim", claims), ("constant", constants)):
        (name, regime), count = max(Counter(keys).items(), key=itemgetter(1), default=(("", ""), 0))
        if count > 1:
            where = f" ({regime})" if regime else ""
            raise CompareError(
                f"{file}: is damaged: {what} {name}{where} is there {count} times; {AGAIN}"
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
        json.dumps(document, ensure_ascii=False).encode()  # half a character is no text
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
        raise CompareError(f"{file}: is no bofcheck report; give a report.json or its folder")
    if document.get("schema") != SCHEMA:
        raise CompareError(
            f"{file}: has layout {document.get('schema')!r}, this version reads layout {SCHEMA}; "
            f"{AGAIN}"
        )
    return file, document


def _damaged(file: Path, error: ValidationError) -> CompareError:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    message = first["msg"]
    return CompareError(
        f"{file}: is damaged at {where}: {message[:1].lower()}{message[1:]}; {AGAIN}"
    )


def write_evidence(folder: Path, entries: Iterable[ClaimEntry], made: Mapping[str, Any]) -> None:
    """Keep the decision on each claim in a file of its own, replacing an earlier one.

    Args:
        folder: a results folder.
        entries: the claims' entries of a report, one a regime.
        made: what they were made with, the report's provenance.

    Raises:
        OSError: a file cannot be written.

    Example:
        >>> import tempfile
        >>> from bofcheck.compare.papers.zhang2025.decide import LedgerSettings, decide_ledger
        >>> from bofcheck.compare.report.document import report_document
        >>> report = report_document(decide_ledger(LedgerSettings("quick", None, ("I5",))))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_evidence(Path(folder), report["claims"], report["provenance"])
        ...     [(one["id"], one["verdict"]) for one in last_evidence(Path(folder), "I5")]
        [('I5', 'HOLDS')]
    """
    by_claim: dict[str, list[ClaimEntry]] = {}
    for entry in entries:
        by_claim.setdefault(entry["id"], []).append(entry)
    (folder / CLAIMS).mkdir(parents=True, exist_ok=True)
    for name, group in by_claim.items():
        document = {"format": "bofcheck claim", "claims": group, "provenance": made}
        text = json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False) + "\n"
        write_atomically(folder / CLAIMS / f"{name}.json", [text.encode()])


def last_evidence(folder: Path, claim: str) -> list[Any]:
    """The last decision on a claim in a results folder, one entry a regime; empty if none is kept.

    Args:
        folder: a results folder, with files of `write_evidence` or a report.
        claim: its id.

    Raises:
        CompareError: what is kept cannot be read.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     last_evidence(Path(folder), "B2")
        []
    """
    file = folder / CLAIMS / f"{claim}.json"
    if file.exists():
        try:
            kept = json.loads(file.read_bytes())
            TypeAdapter(list[_Claim]).validate_python(kept["claims"])
        except (OSError, ValueError, LookupError, TypeError):
            raise CompareError(
                f"{file}: cannot be read; delete it and decide {claim} again"
            ) from None
        entries: list[Any] = kept["claims"]
        return entries
    if (folder / REPORT).exists():
        return [one for one in read_comparable(folder)["claims"] if one["id"] == claim]
    return []
