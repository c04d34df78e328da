"""The problems that bofcheck trains to decide a user-supplied theorem."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...simulate import ModelProblem, SimulationError, log_steps, make_problem
from ...simulate.model_problem import whole_values
from ...theory import Theorem, TheoremSource
from ..cells import Cell, Role
from ..design import Design
from ..errors import CompareError

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


def training_design(source: TheoremSource) -> Design | None:
    """The cells in the ``[training]`` table of a theorem's file; None if it has no such table.

    Raises:
        CompareError: the table is wrong.

    Example:
        >>> from bofcheck.theory import neighbours
        >>> design = training_design(neighbours()["magen2024"])
        >>> [cell.name for cell in design.cells["magen2024"]], design.seeds
        (['m-strong', 'm-weak'], 8)
    """
    if not source.training:
        return None
    try:
        return _design(source.theorem, source.training)
    except CompareError as error:
        raise CompareError(f"{source.path or source.theorem.name}: training.{error}") from None


def _design(theorem: Theorem, table: Mapping[str, Any]) -> Design:
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
    for part in training.cells:
        steps = part.steps or training.steps
        if steps is None:
            raise CompareError(f"cells.{part.name}: give steps, here or for all")
        try:
            problem = make_problem(**whole_values({**training.problem, **part.problem}))
            log_steps(training.log, steps)
        except SimulationError as error:
            raise CompareError(f"cells.{part.name}: {error}") from None
        model = problem.network.name if isinstance(problem, ModelProblem) else "attention"
        if model not in ("attention", theorem.trained_as):
            about = theorem.trained_as or "attention"
            raise CompareError(
                f"cells.{part.name}: model = {model!r}, but the theorem is about {about}; train "
                "that, or name the model in trained_as"
            )
        cells.append(Cell(part.name, Role(part.role), "stage", problem, steps, part.note))
    return Design(
        "the theorem's own cells",
        "from its file",
        {theorem.name: tuple(cells)},
        training.seeds,
        training.log,
    )
