"""The shape of a report, checked by mypy where it is built and by pydantic where it is read.

Numbers are float64. What is not a number is null, infinities are the strings ``"inf"`` and
``"-inf"``, so the document is valid in every JSON reader.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    WithJsonSchema,
    with_config,
)
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from ...theory import Provenance
from ..verdict import Scope, Status

Number = float | Literal["inf", "-inf"] | None
_strict = with_config(ConfigDict(extra="forbid", strict=True))


class _OneOf:
    """Refuses a word that is none of those allowed, and names these.

    Args:
        what: what such a word is.
        allowed: the words.
    """

    def __init__(self, what: str, allowed: Iterable[str]) -> None:
        self._what, self._allowed = what, [str(one) for one in allowed]

    def __call__(self, value: str) -> str:
        """The word itself."""
        if value not in self._allowed:
            raise PydanticCustomError(
                "word",
                "{value} is no {what}; there are {allowed}",
                {"value": repr(value), "what": self._what, "allowed": ", ".join(self._allowed)},
            )
        return value

    @property
    def schema(self) -> WithJsonSchema:
        """The same for whoever reads the JSON schema."""
        return WithJsonSchema({"type": "string", "enum": self._allowed})


_VERDICT, _SCOPE = _OneOf("verdict", Status), _OneOf("scope", Scope)
_PROVENANCE, _RELATION = _OneOf("provenance", Provenance), _OneOf("relation", ("<=", ">="))
#: Words, for mypy plain text: enumerations hand it their values as that.
VerdictWord = Annotated[str, AfterValidator(_VERDICT), _VERDICT.schema]
ScopeWord = Annotated[str, AfterValidator(_SCOPE), _SCOPE.schema]
ProvenanceWord = Annotated[str, AfterValidator(_PROVENANCE), _PROVENANCE.schema]
RelationWord = Annotated[str, AfterValidator(_RELATION), _RELATION.schema]
Limits = Annotated[list[Number], Field(min_length=2, max_length=2)]


@_strict
class AtOneOverDEntry(TypedDict):
    """A claim about runs at the theorems' own 1 - 1/d; fields as in `AtOneOverD`."""

    level: Number
    verdict: VerdictWord
    runs: int
    violations: int
    undecided: int
    runs_to_decide: int


@_strict
class FormulaEntry(TypedDict):
    """A formula a claim is about; ``mathml`` is a whole ``math`` element."""

    name: str
    latex: str
    mathml: str
    provenance: ProvenanceWord
    source: str
    rebuilt_from: str


@_strict
class ClaimEntry(TypedDict):
    """One verdict; fields as in `Verdict`."""

    id: str
    regime: str
    statement: str
    verdict: VerdictWord
    reason: str
    scope: ScopeWord
    provenance: ProvenanceWord
    source: str
    statistic: Number
    statistic_name: str
    relation: RelationWord
    threshold: Number
    tightness: Number
    worst_cell: str | None
    at_one_over_d: AtOneOverDEntry | None
    formulas: list[FormulaEntry]
    evidence: dict[str, Any]


@_strict
class ConstantEntry(TypedDict):
    """One fitted constant; fields as in `Fitted`."""

    name: str
    fitted: Number
    widened: Number
    bounds: list[str]
    runs: int
    points: int
    note: str
    limits: Limits | None


@_strict
class ConstantsEntry(TypedDict):
    """What was fitted in one regime, and why the rest could not be."""

    regime: str
    constants: list[ConstantEntry]
    failures: dict[str, str]


@_strict
class AssumptionEntry(TypedDict):
    """One inequality of Assumption 4.1 at one cell's numbers."""

    item: int
    text: str
    left: Number
    relation: str
    right: Number
    ratio: Number
    holds: bool


@_strict
class AssumptionsEntry(TypedDict):
    """Assumption 4.1 at one cell's numbers."""

    regime: str
    cell: str
    holds: bool
    constant: Number
    largest_constant: Number
    failing: list[int]
    rows: list[AssumptionEntry]


@_strict
class EventEntry(TypedDict):
    """When the runs of a cell met an event: median step of those that did."""

    median: Number
    reached: int


@_strict
class CellEntry(TypedDict):
    """One trained cell."""

    regime: str
    name: str
    role: str
    kind: str
    note: str
    problem: dict[str, int | float | bool | str]
    steps: int
    seeds: int
    inside: bool
    diverged: int
    n_snr2: Number
    events: dict[str, EventEntry]


@_strict
class LeftOutClaimEntry(TypedDict):
    """One claim where a number is largest; fields as in `LeftOutClaim`."""

    claim: str
    verdict: VerdictWord
    runs: int
    violations: int
    undecided: int


@_strict
class LeftOutEntry(TypedDict):
    """A fit without the largest values of one number; fields as in `LeftOut`.

    ``constants`` gives each constant's value [without those cells, on all calibration cells].
    """

    regime: str
    number: str
    largest: Number
    fitted_up_to: Number
    fitted: list[str]
    judged: list[str]
    constants: dict[str, list[Number]]
    claims: list[LeftOutClaimEntry]
    note: str


@_strict
class FigureEntry(TypedDict):
    """A figure: its files, relative to the report, and the claims it bears on."""

    name: str
    regime: str
    caption: str
    files: list[str]
    claims: list[str]


@_strict
class ProvenanceEntry(TypedDict):
    """What the numbers were made with; ``train_seconds`` is the only thing that may vary."""

    bofcheck: str
    python: str
    platform: str
    versions: dict[str, str]
    threads: list[int]
    settings: dict[str, Any]
    train_seconds: Number


@_strict
class Report(TypedDict):
    """The whole document."""

    format: Literal["bofcheck report"]
    schema: int
    counts: dict[str, int]
    claims: list[ClaimEntry]
    constants: list[ConstantsEntry]
    leave_one_out: list[LeftOutEntry]
    assumptions: list[AssumptionsEntry]
    cells: list[CellEntry]
    figures: list[FigureEntry]
    provenance: ProvenanceEntry


def report_schema() -> dict[str, Any]:
    """The JSON schema of a report.

    >>> report_schema()["required"][:3]
    ['format', 'schema', 'counts']
    """
    return TypeAdapter(Report).json_schema()
