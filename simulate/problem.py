"""`Problem`: every number that defines one training problem, validated once.

Source: Definition 3.1 and §3 of the paper (STATED), initial scales per Assumption 4.1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from .errors import ProblemError
from .fields import (
    Count,
    Length,
    NonNegative,
    Positive,
    draw_words,
    first_fault,
    problem_table,
    toml_text,
    whole_fields,
)

#: Entries of one dense weight or token array above which a materialised start is refused.
MATERIALISED_LIMIT = 2**28


class Problem(BaseModel):
    """One problem: data distribution, model, initialisation and training rule.

    Frozen and validated: a `Problem` that exists is admissible. Two signals and one noise
    token a sample (M = 2). ``init_std_qk``, ``init_std_v`` and ``output_norm`` are used by
    ``init="gaussian"`` only; ``"torch-default"`` draws uniformly on ±1/√fan_in.

    Attributes:
        n_samples: training samples N.
        dim: token dimension d (up to 1e15 with a sampled start).
        key_dim: query and key dimension d_h.
        value_dim: value dimension d_v.
        signal_norm: ‖μ₊‖ = ‖μ₋‖.
        noise_std: standard deviation of the noise token, per coordinate (σ_p).
        flip_prob: probability p in [0, 1/2) that a label is flipped.
        learning_rate: step size η of full-batch gradient descent.
        init_std_qk: standard deviation σ_h of the entries of W_Q and W_K.
        init_std_v: standard deviation σ_V of the entries of W_V.
        output_norm: ‖w_O‖ at the start (w).
        noise: ``"isotropic"`` (the paper) or ``"orthogonal"`` (projected off the signals).
        init: ``"gaussian"`` (theory) or ``"torch-default"`` (the paper's experiments).
        train_output: whether w_O is trained (the theory presets freeze it).
        target_loss: the training loss ε that defines T3.
        stop_at_target: end a run at the first step at which its training loss is at most
            ``target_loss``; its numbers up to then are the same either way.
        fail_prob: the failure probability δ of Assumption 4.1.
        test_tokens: fresh noise tokens per run for every test quantity.
        test_draw: ``"joint"``, or ``"resampled"`` for a sampled start whose fresh tokens meet
            separate weights outside the trained span (cheaper with many tokens).
        start: ``"sampled"`` (exact in distribution, any d) or ``"materialised"`` (real arrays).
        dtype: ``"float64"`` or ``"float32"``, in which a run is trained.
        seed: root seed; draws are keyed by (seed, problem, run index).

    Raises:
        ProblemError: one line saying which key is wrong, its value and what is allowed.

    Example:
        >>> problem = Problem(n_samples=20, dim=400, noise_std=0.05, flip_prob=0.1)
        >>> round(problem.snr, 12)
        1.0
        >>> Problem(flip_prob=0.6)
        Traceback (most recent call last):
            ...
        bofcheck.simulate.errors.ProblemError: flip_prob = 0.6: input should be less than 0.5
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    n_samples: Annotated[int, Field(ge=1, le=100_000)] = 20
    dim: Annotated[int, Field(ge=2, le=10**15)] = 512
    key_dim: Count = 512
    value_dim: Count = 512
    signal_norm: Length = 1.0
    noise_std: Length = 0.05
    flip_prob: Annotated[float, Field(ge=0, lt=0.5)] = 0.0
    learning_rate: Positive = 0.1
    init_std_qk: NonNegative = 0.01
    init_std_v: NonNegative = 0.01
    output_norm: Positive = 1.0
    noise: Literal["isotropic", "orthogonal"] = "isotropic"
    init: Literal["gaussian", "torch-default"] = "gaussian"
    train_output: bool = False
    target_loss: Positive = 0.01
    stop_at_target: bool = False
    fail_prob: Annotated[float, Field(gt=0, lt=1)] = 0.01
    test_tokens: Annotated[int, Field(ge=1, le=100_000)] = 256
    test_draw: Literal["joint", "resampled"] = "joint"
    start: Literal["sampled", "materialised"] = "sampled"
    dtype: Literal["float64", "float32"] = "float64"
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise ProblemError(first_fault(error, Problem.model_fields)) from None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.noise == "orthogonal" and self.dim < 3:
            raise ValueError("dim must be at least 3 when noise is orthogonal to both signals")
        if self.start == "sampled":
            if self.init != "gaussian":
                raise ValueError(
                    'start = "sampled" needs init = "gaussian"; set start = "materialised" for '
                    'init = "torch-default"'
                )
            return self
        if self.test_draw != "joint":
            raise ValueError(
                'test_draw = "resampled" needs start = "sampled"; real arrays meet one W(0)'
            )
        largest = self.dim * max(self.key_dim, self.value_dim, self.n_samples, self.test_tokens)
        if largest > MATERIALISED_LIMIT:
            raise ValueError(
                f'start = "materialised" stores arrays of {largest:.3g} numbers here, at most '
                f'{MATERIALISED_LIMIT:.3g} are allowed; lower dim, or set start = "sampled"'
            )
        return self

    @property
    def snr(self) -> float:
        """Signal-to-noise ratio mu/(sigma_p √d) (STATED in §3)."""
        return self.signal_norm / (self.noise_std * math.sqrt(self.dim))

    def fields(self) -> dict[str, Any]:
        """All fields, as in a file.

        >>> list(Problem().fields())[:2]
        ['n_samples', 'dim']
        """
        return self.model_dump()

    def replace(self, **changes: Any) -> Problem:
        """A copy with some fields changed, validated again.

        >>> Problem(n_samples=20).replace(n_samples=4).n_samples
        4
        """
        return Problem(**{**self.fields(), **changes})

    def draw_key(self) -> list[int]:
        """Entropy words that key this problem's random draws.

        ``dtype``, ``stop_at_target``, ``test_tokens`` and ``test_draw`` are left out, so none of
        them changes a training draw; the root seed is keyed separately.
        """
        fields = self.model_dump(
            exclude={"seed", "dtype", "stop_at_target", "test_tokens", "test_draw"}
        )
        return draw_words(fields)

    def to_toml(self) -> str:
        """The problem as TOML text, one key a line; `from_toml` reads it back exactly.

        >>> Problem.from_toml(Problem(dim=100).to_toml()) == Problem(dim=100)
        True
        """
        return toml_text(self.fields())

    @classmethod
    def from_toml(cls, text: str) -> Problem:
        """Read a problem from TOML text: its keys at top level or under ``[problem]``.

        Integers are accepted where a real number is meant, and whole floats such as ``2e9``
        where an integer is.

        Raises:
            ProblemError: if the text is not TOML, or a key or value is not admissible.
        """
        table = problem_table(text)
        if "model" in table and table.pop("model") != "attention":
            raise ProblemError(
                "model: only the attention model is known here; bofcheck simulate and bofcheck "
                "sweep train the others"
            )
        return cls(**whole_numbers(table))

    @classmethod
    def from_file(cls, path: str | Path) -> Problem:
        """Read a problem from a TOML file.

        Raises:
            ProblemError: naming the file, if it cannot be read or is not a valid problem.
        """
        try:
            text = Path(path).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise ProblemError(f"{path}: cannot be read: {reason}") from None
        try:
            return cls.from_toml(text)
        except ProblemError as error:
            raise ProblemError(f"{path}: {error}") from None


def whole_numbers(table: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a problem as TOML gives them, whole floats such as 2e9 made integers.

    Only where the field is an integer: TOML itself has no way to write 2e9 as one.

    >>> whole_numbers({"dim": 2e9, "noise_std": 2.0})
    {'dim': 2000000000, 'noise_std': 2.0}
    """
    return whole_fields(table, Problem)
