"""The schema of a theorem's TOML file, as pydantic models that refuse anything else.

Every formula is text in the language of `expressions`; nothing is executed.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

LABEL_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,40}$"
#: No control characters, which could move a terminal's cursor.
LINE_PATTERN = r"^[^\x00-\x1f\x7f-\x9f]*$"
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,30}$")]
Label = Annotated[str, Field(pattern=LABEL_PATTERN)]
Line = Annotated[str, Field(max_length=500, pattern=LINE_PATTERN)]
Formula = Annotated[str, Field(max_length=1000)]
Tag = Literal["STATED", "RECONSTRUCTED", "SOURCE", "DERIVED"]
Number = Annotated[float, Field(allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ConditionPart(_Part):
    """An inequality between expressions in the symbols."""

    name: Line = Field("", description="Its name in reports.")
    holds: Formula = Field(description='The inequality, e.g. "N*mu**2 >= C0*sigma_p**2*d".')
    provenance: Tag | None = Field(None, description="Its tag, if not the theorem's.")
    seen: bool | None = Field(None, description="As the theorem's, if not the same.")
    source: Line = Field("", description="Where it is stated, if not where the theorem is.")


class EventPart(_Part):
    """When a stage ends."""

    name: Name = Field(description="The symbol for its step, for use in formulas.")
    when: Formula = Field(
        description="An inequality, >= or <=, in measured quantities and symbols; the event is the "
        'step at which it is first met, interpolated linearly, e.g. "train_loss <= 0.5".'
    )


class BoundPart(_Part):
    """quantity <= floor + excess, or >= for kind "lower"."""

    name: Label = Field(description="Its label in reports, unique in the file.")
    quantity: Name = Field(description='What is bounded, e.g. "test_error": a column of the data.')
    kind: Literal["upper", "lower"] = Field("upper", description="upper for <=, lower for >=.")
    floor: Formula = Field("0", description="The part no training removes.")
    excess: Formula = Field("0", description="The rest, not negative.")
    applies: Formula = Field(
        "", description="An inequality; the bound is asserted only where it holds."
    )
    reading: Literal["runs", "mean"] = Field(
        "runs", description="What obeys it: runs, each with high probability, or their mean."
    )
    quantile: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        None, description="The probability with which a run may fail it, in place of 5% or the "
        "theorem's own."
    )  # fmt: skip
    statement: Line = Field("", description="The bound in one sentence; generated if empty.")
    provenance: Tag | None = Field(None, description="Its tag, if not the theorem's.")
    seen: bool | None = Field(None, description="As the theorem's, if not the same.")
    source: Line = Field("", description="Where it is stated, if not where the theorem is.")
    rebuilt_from: Line = Field("", description="What a RECONSTRUCTED formula rests on.")


class StagePart(_Part):
    """An interval of training; stages follow each other in the order of the file."""

    name: Line = Field(description="Its name.")
    until: Name | None = Field(
        None, description="The event that ends it; only the last stage may leave it out, and then "
        "lasts as long as the data."
    )  # fmt: skip
    bounds: Annotated[tuple[BoundPart, ...], Field(max_length=20, strict=False)] = Field(
        (), description="The bounds that hold on it."
    )


class TimePart(_Part):
    """A law for the step of an event, linear in its constants."""

    event: Name = Field(description="One of the events.")
    form: Literal[""] | Label = Field("", description="Tells apart several laws of one event.")
    law: Formula = Field(description='Gradient steps, e.g. "c1/(eta*mu**2)".')
    reading: Literal["deadline", "scaling"] = Field(
        "deadline", description="deadline: the event comes no later, up to the slack on its "
        "constants; scaling: cells differ from the law by no more than a factor of 2, either way."
    )  # fmt: skip
    applies: Formula = Field(
        "", description="An inequality; the law is asserted only where it holds."
    )
    statement: Line = Field("", description="The law in one sentence; generated if empty.")
    provenance: Tag | None = Field(None, description="Its tag, if not the theorem's.")
    seen: bool | None = Field(None, description="As the theorem's, if not the same.")
    source: Line = Field("", description="Where it is stated, if not where the theorem is.")


class BoundaryPart(_Part):
    """The strength on whose two sides the theorem says opposite things."""

    name: Label = Field(description="Its label in reports, unique in the file.")
    quantity: Name = Field(description='What decides the side, e.g. "test_error".')
    strength: Formula = Field(
        description='A product of powers, e.g. "N*mu**4/(sigma_p**4*d)"; the boundary is where it '
        "equals a constant."
    )
    level: Formula = Field(description='The quantity on the boundary, e.g. "p + 0.1".')
    event: Literal[""] | Name = Field(
        "", description="The event at whose first logged step the quantity is read; the last "
        "logged step if left out."
    )  # fmt: skip
    applies: Formula = Field("", description="An inequality; only cells that meet it are asked.")
    statement: Line = Field("", description="The boundary in one sentence; generated if empty.")
    provenance: Tag | None = Field(None, description="Its tag, if not the theorem's.")
    seen: bool | None = Field(None, description="As the theorem's, if not the same.")
    source: Line = Field("", description="Where it is stated, if not where the theorem is.")


class TheoremFile(_Part):
    """A theorem's whole file."""

    name: Label = Field(description="Identifier, used for results folders.")
    title: Line = Field(description="Its name in reports.")
    source: Line = Field(description="Where it is stated.")
    provenance: Tag = Field(description="How its formulas are known.")
    seen: bool = Field(
        False, description="Of a SOURCE: true if a copy of it was read, false if it is recalled."
    )
    model: Line = Field(
        "", description="The model it is about, if that is not bofcheck's transformer; then "
        "the transformer's trajectories cannot decide it, and verdicts on them are OUT_OF_SCOPE."
    )  # fmt: skip
    trained_as: Literal[""] | Name = Field(
        "", description='The name of that model in a problem, e.g. "relu_cnn"; trajectories of it '
        "decide the theorem."
    )  # fmt: skip
    regime: Literal["benign", "harmful"] | None = Field(
        None,
        description="Take the events T1, T2, T3 of that regime instead of [[events]], and "
        "Assumption 4.1 where there are no [[conditions]].",
    )
    probability: Formula = Field(
        "", description='The failure probability the theorem promises, e.g. "1/d".'
    )
    symbols: Annotated[dict[Name, Line], Field(max_length=50)] = Field(
        {}, description="Symbols that are not bofcheck's, with their meaning; all are positive."
    )
    constants: Annotated[dict[Name, Line | Number], Field(max_length=50)] = Field(
        {}, description="A number fixes a constant; a text leaves it open, to be fitted."
    )
    conditions: Annotated[tuple[ConditionPart, ...], Field(max_length=20, strict=False)] = Field(
        (), description="What the theorem assumes; a problem that meets all of it is inside."
    )
    events: Annotated[tuple[EventPart, ...], Field(max_length=20, strict=False)] = Field(
        (), description="How the ends of stages are found in the curves."
    )
    stages: Annotated[tuple[StagePart, ...], Field(min_length=1, max_length=20, strict=False)] = (
        Field(description="What the theorem asserts, in order of time.")
    )
    times: Annotated[tuple[TimePart, ...], Field(max_length=20, strict=False)] = Field(
        (), description="When its events occur."
    )
    boundaries: Annotated[tuple[BoundaryPart, ...], Field(max_length=20, strict=False)] = Field(
        (), description="Where what it asserts turns into the opposite."
    )
    continuity: Annotated[dict[Name, Formula], Field(max_length=20)] = Field(
        {}, description="Constants as formulas in other constants, so that stages meet."
    )
    problem: dict[str, Any] = Field(
        {}, description="Values of the symbols for measured curves; --problem overrides them."
    )
    training: dict[str, Any] = Field(
        {}, description="Problems that bofcheck trains to decide it, with their roles."
    )


def theorem_schema() -> dict[str, Any]:
    """The JSON schema of a theorem's file.

    >>> theorem_schema()["required"]
    ['name', 'title', 'source', 'provenance', 'stages']
    """
    return TheoremFile.model_json_schema()
