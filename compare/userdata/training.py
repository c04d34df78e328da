"""Which problems bofcheck trains to decide a theorem of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...simulate import Problem, SimulationError, log_steps
from ...simulate.problem import whole_numbers
from ...theory import TheoremSource
from ..cells import Cell, Role
from ..errors import CompareError
from ..papers.zhang2025.designs import Design, get_design

Steps = Annotated[int, Field(ge=1, le=10**12)]


class _TrainingCell(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,60}$")]
    role: Literal["calibration", "held out"]
    note: Annotated[str, Field(max_length=200)] = ""
    steps: Steps | None = None
    problem: dict[str, Any] = {}


class _Training(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    seeds: Annotated[int, Field(ge=1, le=100_000)] = 8
    steps: Steps | None = None
    log: str = "geometric:96"
    problem: dict[str, Any] = {}
    cells: Annotated[tuple[_TrainingCell, ...], Field(min_length=1, max_length=1000, strict=False)]


def design_of(source: TheoremSource, regime: str, preset: str) -> Design:
    """The cells a theorem is decided on: its file's own, or the stage cells of a preset.

    Args:
        source: the theorem and its ``[training]`` table.
        regime: ``"benign"``, ``"harmful"`` or ``"both"``, whose cells of the preset are taken
            where the file has none.
        preset: the preset's name.

    Raises:
        CompareError: the table is wrong, or there is no such preset.
    """
    name = source.theorem.name
    if source.training:
        try:
            return _own_design(name, source.training)
        except CompareError as error:
            raise CompareError(f"{source.path or name}: training.{error}") from None
    known = get_design(preset)
    own = source.theorem.regime
    regimes = (
        (own,) if own in known.cells else (regime,) if regime != "both" else ("benign", "harmful")
    )
    cells = tuple(
        dict.fromkeys(c for one in regimes for c in known.cells[one] if c.kind == "stage")
    )
    return Design(known.name, known.description, {name: cells}, known.seeds, known.log_at)


def _own_design(name: str, table: Mapping[str, Any]) -> Design:
    try:
        training = _Training.model_validate(dict(table))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(x + 1) if isinstance(x, int) else str(x) for x in first["loc"])
        message = str(first["msg"])
        if first["type"] == "extra_forbidden":
            message = "unknown key"
        raise CompareError(f"{where}: {message[0].lower()}{message[1:]}") from None
    cells = []
    for one in training.cells:
        steps = one.steps or training.steps
        if steps is None:
            raise CompareError(f"cells.{one.name}: give steps, here or for all")
        try:
            problem = Problem(**whole_numbers({**training.problem, **one.problem}))
            log_steps(training.log, steps)
        except SimulationError as error:
            raise CompareError(f"cells.{one.name}: {error}") from None
        cells.append(Cell(one.name, Role(one.role), "stage", problem, steps, one.note))
    return Design(
        name, "the theorem's own cells", {name: tuple(cells)}, training.seeds, training.log
    )
