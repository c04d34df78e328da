"""`ModelProblem`: a model, a data law and a training rule, for every model but attention.

In a file its keys are flat, as are those of `Problem`; `make_problem` and `read_problem` choose
between the two by ``model = "..."``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from .data import DataLaw, get_law
from .errors import ProblemError
from .fields import Positive, draw_words, first_fault, problem_table, toml_text, whole_fields
from .models import Model, get_model
from .problem import MATERIALISED_LIMIT, Problem

#: Fields that change no training draw.
_NOT_DRAWN = ("seed", "stop_at_target", "test_tokens")


class ModelProblem(BaseModel):
    """One problem of a model whose first layer meets the data through products with tokens.

    Frozen and validated: a `ModelProblem` that exists is admissible. Training minimises the mean
    loss of the samples in each step, W ← W - η·v with v ← βv + ∇ + λW (as ``torch.optim.SGD``).

    Attributes:
        network: the model and its parameters.
        law: the law of the data and its parameters.
        n_samples: training samples N.
        dim: token dimension d (up to 1e15 with a sampled start).
        flip_prob: probability p in [0, 1/2) that a training label is flipped.
        loss: ``"logistic"``, log(1 + e^(-yf)), or ``"hinge"``, max(0, 1 - yf).
        learning_rate: step size η.
        momentum: β in [0, 1).
        weight_decay: λ.
        batch_size: samples of a step, drawn afresh without replacement; 0 takes all.
        label_noise: probability that a label is flipped in a single step, drawn afresh each step.
        target_loss: training loss ε at which a run may end.
        stop_at_target: end a run at the first step at which its training loss is at most
            ``target_loss``.
        test_tokens: fresh noise draws per run for every test quantity, each beside every signal.
        start: ``"sampled"`` (exact in distribution, any d) or ``"materialised"`` (real arrays).
        seed: root seed; draws are keyed by (seed, problem, run index).

    Raises:
        ProblemError: one line saying which key is wrong, its value and what is allowed.

    Example:
        >>> problem = make_problem(model="relu_cnn", power=3, n_samples=20, dim=10**6)
        >>> problem.network.forward.__qualname__, problem.fields()["signal_norm"]
        ('ReluCnn.forward', 1.0)
        >>> make_problem(model="relu_cnn", power=0)
        Traceback (most recent call last):
            ...
        bofcheck.simulate.errors.ProblemError: power = 0: input should be greater than or equal to 1
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    network: Model
    law: DataLaw
    n_samples: Annotated[int, Field(ge=1, le=100_000)] = 20
    dim: Annotated[int, Field(ge=2, le=10**15)] = 512
    flip_prob: Annotated[float, Field(ge=0, lt=0.5)] = 0.0
    loss: Literal["logistic", "hinge"] = "logistic"
    learning_rate: Positive = 0.1
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.0
    weight_decay: Annotated[float, Field(ge=0, le=1e100)] = 0.0
    batch_size: Annotated[int, Field(ge=0, le=100_000)] = 0
    label_noise: Annotated[float, Field(ge=0, lt=0.5)] = 0.0
    target_loss: Positive = 0.01
    stop_at_target: bool = False
    test_tokens: Annotated[int, Field(ge=1, le=100_000)] = 256
    start: Literal["sampled", "materialised"] = "sampled"
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise ProblemError(first_fault(error, type(self).model_fields)) from None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        mixture = self.law.mixture()
        signals = len(mixture.norms)
        if self.dim <= signals:
            raise ValueError(f"dim must be above {signals}, the number of signals")
        if self.batch_size > self.n_samples:
            raise ValueError(
                f"batch_size = {self.batch_size}: at most n_samples = {self.n_samples}; 0 takes all"
            )
        self.network.check(mixture)
        rows = signals + self.n_samples * len(mixture.noisy)
        largest = self.dim * max(rows, self.network.start_stds().size)
        if self.start == "materialised" and largest > MATERIALISED_LIMIT:
            raise ValueError(
                f'start = "materialised" stores arrays of {largest:.3g} numbers here, at most '
                f'{MATERIALISED_LIMIT:.3g} are allowed; lower dim, or set start = "sampled"'
            )
        return self

    def fields(self) -> dict[str, Any]:
        """All fields, flat, as in a file.

        >>> list(make_problem(model="linear").fields())[:4]
        ['model', 'data', 'n_samples', 'dim']
        """
        shared = self.model_dump(exclude={"network", "law"})
        law, network = self.law.model_dump(), self.network.model_dump()
        return {"model": self.network.name, "data": self.law.name, **shared, **law, **network}

    def replace(self, **changes: Any) -> ModelProblem:
        """A copy with some fields changed, by their flat names, validated again.

        >>> make_problem(model="linear").replace(signal_norm=3.0).fields()["signal_norm"]
        3.0
        """
        fields = {**self.fields(), **changes}
        if {"model", "data"} & changes.keys():
            return _model_problem(fields, _kinds(fields))
        return _model_problem(fields, (type(self), type(self.law), type(self.network)))

    def draw_key(self) -> list[int]:
        """Entropy words that key this problem's random draws.

        ``stop_at_target`` and ``test_tokens`` are left out, so neither changes a training draw.
        """
        return draw_words(
            {key: value for key, value in self.fields().items() if key not in _NOT_DRAWN}
        )

    def to_toml(self) -> str:
        """The problem as TOML text, one key a line; `parse_problem` reads it back exactly.

        >>> problem = make_problem(model="linear", dim=100)
        >>> parse_problem(problem.to_toml()) == problem
        True
        """
        return toml_text(self.fields())


#: Either kind of problem.
AnyProblem: TypeAlias = Problem | ModelProblem
#: The classes whose fields make up a model problem's keys.
_Kinds: TypeAlias = tuple[type[ModelProblem], type[DataLaw], type[Model]]


def make_problem(**fields: Any) -> AnyProblem:
    """A problem from its fields as they appear in a file.

    Args:
        **fields: with ``model`` a `ModelProblem`, without it (or with ``"attention"``) a
            `Problem`.

    Raises:
        ProblemError: one line saying which key is wrong, its value and what is allowed.

    Example:
        >>> type(make_problem(dim=100)).__name__, type(make_problem(model="linear")).__name__
        ('Problem', 'ModelProblem')
        >>> make_problem(model="linear", power=2)
        Traceback (most recent call last):
            ...
        bofcheck.simulate.errors.ProblemError: power: unknown key; allowed: model, data, ...
    """
    if fields.get("model", "attention") != "attention":
        return _model_problem(fields, _kinds(fields))
    return Problem(**{key: value for key, value in fields.items() if key != "model"})


def field_names(table: Mapping[str, Any]) -> list[str]:
    """The keys that a problem may have, given those that choose its model and data law.

    Raises:
        ProblemError: the model or the data law is unknown.

    >>> field_names({"model": "linear"})[-3:]
    ['signal_norm', 'noise_std', 'init_std']
    """
    if table.get("model", "attention") == "attention":
        return [*Problem.model_fields]
    return _keys(_kinds(table))


def whole_values(
    table: Mapping[str, Any], chosen: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Values as TOML gives them, whole floats such as 2e9 made integers where those are meant.

    Args:
        table: the values.
        chosen: where ``model`` and ``data`` are chosen; None for the table itself.

    Raises:
        ProblemError: the model or the data law is unknown.

    >>> whole_values({"model": "relu_cnn", "dim": 2e9, "neurons": 5.0})
    {'model': 'relu_cnn', 'dim': 2000000000, 'neurons': 5}
    """
    chosen = table if chosen is None else chosen
    if chosen.get("model", "attention") == "attention":
        return whole_fields(table, Problem)
    return whole_fields(table, *_kinds(chosen))


def parse_problem(text: str) -> AnyProblem:
    """A problem from TOML text: its keys at top level or under ``[problem]``.

    Integers are accepted where a real number is meant, and whole floats such as ``2e9`` where an
    integer is.

    Raises:
        ProblemError: if the text is not TOML, or a key or value is not admissible.

    Example:
        >>> parse_problem('problem = {model = "relu_cnn", dim = 2e9}').dim
        2000000000
    """
    return make_problem(**whole_values(problem_table(text)))


def read_problem(path: str | Path) -> AnyProblem:
    """A problem from a TOML file, as `parse_problem`.

    Raises:
        ProblemError: naming the file, if it cannot be read or is not a valid problem.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "head.toml"
        ...     _ = path.write_text('model = "single_head"')
        ...     read_problem(path).fields()["data"]
        'signal_noise'
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ProblemError(f"{path}: cannot be read: {reason}") from None
    try:
        return parse_problem(text)
    except ProblemError as error:
        raise ProblemError(f"{path}: {error}") from None


def _kinds(table: Mapping[str, Any]) -> _Kinds:
    """The classes whose fields make up a model problem's keys, in the order of a file."""
    network = get_model(table["model"])
    return ModelProblem, get_law(table.get("data", network.default_data)), network


def _keys(kinds: _Kinds) -> list[str]:
    return ["model", "data", *(key for kind in kinds for key in _own_fields(kind))]


def _own_fields(kind: type[BaseModel]) -> list[str]:
    return [key for key in kind.model_fields if key not in {"network", "law"}]


def _model_problem(fields: Mapping[str, Any], kinds: _Kinds) -> ModelProblem:
    """A model problem from flat fields."""
    allowed = _keys(kinds)
    unknown = [key for key in fields if key not in allowed]
    if unknown:
        where = unknown[0] if len(unknown[0]) <= 60 else f"{unknown[0][:60]}..."
        more = f" (and {len(unknown) - 1} more)" if unknown[1:] else ""
        raise ProblemError(f"{where}: unknown key; allowed: {', '.join(allowed)}{more}")
    problem, law, network = kinds

    def part(kind: type[BaseModel]) -> dict[str, Any]:
        return {key: fields[key] for key in _own_fields(kind) if key in fields}

    try:
        return problem(network=network(**part(network)), law=law(**part(law)), **part(problem))
    except ValidationError as error:
        raise ProblemError(first_fault(error, allowed)) from None
