"""The report as pydantic models: the content of ``report.json``, checked when it is read.

Numbers are float64. In the file NaN is null and infinities are the strings ``"inf"`` and
``"-inf"``, so that every JSON reader accepts it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    Strict,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from ..._visible import visible_in_json
from ...theory import Provenance
from ..verdict import Scope, Status
from .jsonable import jsonable

#: The layout of the document; a report of another layout is not read.
SCHEMA = 2


def _number(value: Any) -> Any:
    """A number from an analysis, or from a file, in which infinities are words."""
    number = jsonable(value)  # NumPy scalars become Python's; NaN becomes None
    if number in ("inf", "-inf"):
        return float(number)
    if number is None or (isinstance(number, int | float) and not isinstance(number, bool)):
        return number
    raise PydanticCustomError("number", "Input should be a number, 'inf', '-inf' or null")


T = TypeVar("T")
Number = Annotated[
    float | None,
    PlainValidator(_number),
    PlainSerializer(jsonable, when_used="json"),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"enum": ["inf", "-inf"]}, {"type": "null"}]}),
]
Count = Annotated[int, BeforeValidator(jsonable)]
Details = Annotated[dict[str, Any], BeforeValidator(jsonable)]
# JSON has lists and words where a report has tuples and members of an enumeration
Listed = Annotated[tuple[T, ...], Strict(False)]
Limits = Annotated[tuple[Number, Number], Strict(False)]
StatusWord = Annotated[Status, Strict(False)]
ScopeWord = Annotated[Scope, Strict(False)]
ProvenanceWord = Annotated[Provenance, Strict(False)]


class Entry(BaseModel):
    """A part of a report: frozen, without unknown fields."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    @classmethod
    def of(cls, result: object, **given: Any) -> Self:
        """The entry for a result, from the result's attributes with the names of its fields.

        Args:
            result: a result of an analysis.
            given: fields that the result lacks, or has under another name.

        Example:
            >>> from bofcheck.compare.verdict import AtOneOverD
            >>> result = AtOneOverD(0.05, Status.HOLDS, 128, 1, 0, runs_to_decide=0)
            >>> AtOneOverDEntry.of(result, verdict=result.status).violations
            1
        """
        named = {name: getattr(result, name) for name in cls.model_fields if name not in given}
        return cls(**named, **given)


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


class ClaimEntry(Entry):
    """One verdict; fields as in `Verdict`."""

    id: str
    regime: str
    statement: str
    verdict: StatusWord
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
    formulas: Listed[FormulaEntry]
    evidence: Details


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
