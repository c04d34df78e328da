"""The report as pydantic models: the content of ``report.json``, checked when it is read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from ..._visible import visible_in_json
from ..errors import CompareError
from ..verdict import Status
from .beside import DiscriminationEntry
from .entry import (
    Count,
    Details,
    Entry,
    Limits,
    Listed,
    Number,
    ProvenanceWord,
    ScopeWord,
    StatusWord,
)
from .jsonable import jsonable

#: The layout of the document; a report of another layout is not read.
SCHEMA = 3


class AtOneOverDEntry(Entry):
    """A claim about runs at the theorems' 1 - 1/d; fields as in `AtOneOverD`."""

    level: Number
    verdict: StatusWord
    runs: Count
    violations: Count
    undecided: Count
    runs_to_decide: Count
    label_draw: Number = None


class FormulaEntry(Entry):
    """A formula a claim is about; ``mathml`` is a whole ``math`` element."""

    name: str
    latex: str
    mathml: str
    provenance: ProvenanceWord
    source: str
    rebuilt_from: str
    seen: bool = False


class ClaimEntry(Entry):
    """One verdict; fields as in `Verdict`.

    ``part`` is the part of its theorem that the claim is about: ``"stage 2"``, the event of a law,
    ``"reading of B2"``; empty for the rest.
    """

    id: str
    regime: str
    statement: str
    verdict: StatusWord
    weak: bool
    reason: str
    scope: ScopeWord
    provenance: ProvenanceWord
    source: str
    statistic: Number
    statistic_name: str
    relation: Literal["<=", ">="]
    threshold: Number
    tightness: Number
    worst_cell: str | None
    at_one_over_d: AtOneOverDEntry | None
    discrimination: DiscriminationEntry | None
    formulas: Listed[FormulaEntry]
    evidence: Details
    seen: bool = False
    part: str = ""

    @property
    def word(self) -> str:
        """The verdict as it is shown: a HOLDS says if its test is weak or 1 - 1/d is refuted."""
        at = self.at_one_over_d
        refuted = at is not None and at.verdict is Status.VIOLATED
        return self.verdict.shown(weak=self.weak, refuted=refuted)

    def __repr__(self) -> str:
        return f"{self.id} {self.word}: {self.reason}"


class ConstantEntry(Entry):
    """One fitted constant; fields as in `Fitted`."""

    name: str
    fitted: Number
    widened: Number
    bounds: Listed[str]
    runs: Count
    points: Count
    note: str
    limits: Limits | None


class ConstantsEntry(Entry):
    """The constants fitted in one regime, and why the rest could not be."""

    regime: str
    constants: Listed[ConstantEntry]
    failures: dict[str, str]


class AssumptionEntry(Entry):
    """One inequality of the assumptions at one cell's numbers; fields as in `AssumptionRow`."""

    item: int
    text: str
    left: Number
    relation: str
    right: Number
    ratio: Number
    holds: bool


class AssumptionsEntry(Entry):
    """The assumptions at one cell's numbers; fields as in `AssumptionReport`."""

    regime: str
    cell: str
    holds: bool
    constant: Number
    largest_constant: Number
    failing: Listed[int]
    rows: Listed[AssumptionEntry]


class EventEntry(Entry):
    """An event in the runs of a cell: the median step of the runs that reached it."""

    median: Number
    reached: Count


class CellEntry(Entry):
    """One trained cell."""

    regime: str
    name: str
    role: str
    kind: str
    note: str
    problem: Annotated[dict[str, int | float | bool | str], BeforeValidator(jsonable)]
    steps: Annotated[int | float, BeforeValidator(jsonable)]
    seeds: Count
    inside: bool
    diverged: Count
    n_snr2: Number
    events: dict[str, EventEntry]


class LeftOutClaimEntry(Entry):
    """One claim where a number is largest; fields as in `LeftOutClaim`."""

    claim: str
    verdict: StatusWord
    runs: Count
    violations: Count
    undecided: Count


class LeftOutEntry(Entry):
    """A fit without the largest values of one number; fields as in `LeftOut`.

    ``constants`` gives each constant's values [fitted without those cells, fitted on all].
    """

    regime: str
    number: str
    largest: Number
    fitted_up_to: Number
    fitted: Listed[str]
    judged: Listed[str]
    constants: dict[str, Listed[Number]]
    claims: Listed[LeftOutClaimEntry]
    note: str


class FigureEntry(Entry):
    """A figure: its files, relative to the report, and the claims it bears on."""

    name: str
    regime: str
    caption: str
    files: Listed[str]
    claims: Listed[str]


class ProvenanceEntry(Entry):
    """The software and settings behind the numbers; only ``train_seconds`` varies between runs."""

    bofcheck: str
    python: str
    platform: str
    versions: dict[str, str]
    threads: Listed[int]
    settings: Details
    train_seconds: Number


class Report(Entry):
    """The whole document.

    Example:
        >>> from bofcheck.compare import claims_plan, report, verify
        >>> whole = report.document(verify(claims_plan("quick", claims=("I5",))))
        >>> whole.counts["HOLDS"], whole.claims[0].id, whole.as_dict()["format"]
        (1, 'I5', 'bofcheck report')
    """

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    format: Literal["bofcheck report"] = Field("bofcheck report", repr=False)
    layout: int = Field(SCHEMA, alias="schema", repr=False)
    counts: dict[str, int]
    claims: Listed[ClaimEntry]
    constants: Listed[ConstantsEntry]
    leave_one_out: Listed[LeftOutEntry]
    assumptions: Listed[AssumptionsEntry]
    cells: Listed[CellEntry]
    figures: Listed[FigureEntry]
    provenance: ProvenanceEntry

    def claim(self, name: str, regime: str = "") -> ClaimEntry:
        """The verdict on one claim.

        Args:
            name: its id.
            regime: which of its verdicts, if it is decided in several regimes.

        Raises:
            CompareError: the report has no verdict on it, or several.
        """
        found = [each for each in self.claims if each.id == name and regime in ("", each.regime)]
        if len(found) == 1:
            return found[0]
        if found:
            regimes = ", ".join(each.regime for each in found)
            raise CompareError(f"claim {name}: is decided for {regimes}; name one as the regime")
        known = ", ".join(dict.fromkeys(each.id for each in self.claims))
        raise CompareError(f"claim {name}: is not in this report; it has {known or 'none'}")

    def frame(self) -> Any:
        """The verdicts as a pandas DataFrame, a row a claim and regime."""
        import pandas as pd

        columns = ("id", "regime", "word", "scope", "statistic", "relation", "threshold",
                   "tightness", "provenance", "statement", "reason")  # fmt: skip
        rows = [[str(v) if isinstance(v := getattr(each, name), str) else v for name in columns]
                for each in self.claims]  # fmt: skip
        return pd.DataFrame(rows, columns=list(columns)).rename(columns={"word": "verdict"})

    def as_dict(self) -> dict[str, Any]:
        """The report, JSON-ready."""
        return self.model_dump(mode="json", by_alias=True)

    def text(self) -> bytes:
        """The contents of ``report.json``: strict JSON in UTF-8."""
        text = json.dumps(self.as_dict(), indent=2, allow_nan=False, ensure_ascii=False)
        return f"{visible_in_json(text)}\n".encode()


def report_schema() -> dict[str, Any]:
    """The JSON schema of a report.

    >>> report_schema()["required"][:3]
    ['format', 'schema', 'counts']
    """
    return Report.model_json_schema(mode="serialization")


def count_verdicts(verdicts: Iterable[str]) -> dict[str, int]:
    """The number of verdicts of each status, zeros included.

    >>> count_verdicts(["HOLDS"])["HOLDS"], count_verdicts([])["ERROR"]
    (1, 0)
    """
    seen = Counter(verdicts)
    return {status.value: seen[status] for status in Status}
