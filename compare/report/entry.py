"""What all parts of a report share: checked numbers, lists from JSON, frozen entries.

Numbers are float64. In the file NaN is null and infinities are the strings ``"inf"`` and
``"-inf"``, so that every JSON reader accepts it.
"""

from __future__ import annotations

from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    PlainValidator,
    Strict,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from ...theory import Provenance
from ..verdict import Scope, Status
from .jsonable import jsonable


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
            >>> from bofcheck.compare.report.models import AtOneOverDEntry
            >>> AtOneOverDEntry.of(result, verdict=result.status).violations
            1
        """
        named = {name: getattr(result, name) for name in cls.model_fields if name not in given}
        return cls(**named, **given)
