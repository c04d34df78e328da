"""`Setting`: one training: a problem of the paper and the pieces that may depart from it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import ProblemError
from ..problem import Problem
from .architecture import Architecture
from .attention import Attention
from .label_noise import LabelNoise
from .losses import Loss
from .optimisers import Optimiser
from .samples import SampleLaw


@dataclass(frozen=True)
class Setting:
    """A problem with its pieces; the defaults are the paper's model.

    Attributes:
        problem: scales, sizes, step size and root seed; with materialised tokens and weights.
        architecture: layers, heads and what is between them.
        attention: from logits to weights.
        optimiser: from gradients to steps.
        loss: of a margin.
        labels: how labels are flipped.
        samples: tokens of a sample.

    Raises:
        ProblemError: the problem's start is sampled, or heads do not divide its widths.

    Example:
        >>> Setting(Problem(dim=30, start="materialised")).departs
        False
    """

    problem: Problem
    architecture: Architecture = field(default_factory=Architecture)
    attention: Attention = field(default_factory=Attention)
    optimiser: Optimiser = field(default_factory=Optimiser)
    loss: Loss = field(default_factory=Loss)
    labels: LabelNoise = field(default_factory=LabelNoise)
    samples: SampleLaw = field(default_factory=SampleLaw)

    def __post_init__(self) -> None:
        """Refuse what the engine cannot train."""
        if self.problem.start != "materialised":
            raise ProblemError('start = "sampled": a departure needs start = "materialised"')
        heads = self.architecture.heads
        for name in ("key_dim", "value_dim"):
            if getattr(self.problem, name) % heads:
                raise ProblemError(
                    f"heads = {heads}: must divide {name} = {getattr(self.problem, name)}"
                )
        if self.optimiser.batch_size > self.problem.n_samples:
            raise ProblemError(
                f"batch_size = {self.optimiser.batch_size}: at most n_samples = "
                f"{self.problem.n_samples}"
            )

    @property
    def departs(self) -> bool:
        """Whether any piece differs from the paper's; a changed problem does not count."""
        return self != Setting(self.problem)

    def replace(self, **changes: Any) -> Setting:
        """A copy with some pieces, or fields of the problem, changed."""
        pieces = {name: value for name, value in changes.items() if name in _PIECES}
        fields = {name: value for name, value in changes.items() if name not in _PIECES}
        problem = pieces.pop("problem", self.problem)
        return replace(self, problem=problem.replace(**fields) if fields else problem, **pieces)

    def key(self) -> str:
        """A checksum of everything that a training depends on but runs and steps.

        >>> len(Setting(Problem(start="materialised")).key())
        16
        """
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


_PIECES = {"problem", "architecture", "attention", "optimiser", "loss", "labels", "samples"}
