"""The protocol of an engine; small enough that a new engine is a single file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ..data.signal_noise import Labels
from ..initialization import InitialArrays
from ..problem import Problem
from ..snapshot import TAIL_TOKENS, Snapshot


@dataclass(frozen=True)
class LearningRates:
    """A step size for each weight; all equal unless a scale symmetry needs others.

    Attributes:
        query_key: step size of W_Q and W_K.
        value: step size of W_V.
        output: step size of w_O, used only when it is trained.

    Example:
        >>> from bofcheck.simulate import train
        >>> rates = LearningRates(query_key=0.0, value=0.5, output=0.0)  # attention stays
        >>> trajectory = train(Problem(n_samples=4, dim=100), seeds=2, steps=5, rates=rates)
        >>> attention = trajectory["attention_clean"]
        >>> attention[:, 0] == attention[:, -1]
        array([ True,  True])
    """

    query_key: float
    value: float
    output: float

    @classmethod
    def uniform(cls, rate: float) -> LearningRates:
        """The same step size for every weight.

        >>> LearningRates.uniform(0.5).value
        0.5
        """
        return cls(rate, rate, rate)


class EngineRun(Protocol):
    """A batch of runs in training, as returned by `Engine.start`."""

    labels: Sequence[Labels]

    def advance(self, steps: int) -> None:
        """Take that many gradient steps with every run that has neither diverged nor ended."""

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Keep only the marked runs of the batch."""

    def snapshot(self, tail_tokens: int = TAIL_TOKENS) -> Snapshot:
        """The present state, with that many fresh tokens in its tail frame."""

    def diverged_at(self) -> NDArray[np.int64]:
        """(R,) step at which each run's output stopped being finite, -1 if it has not."""

    def stopped_at(self) -> NDArray[np.int64]:
        """(R,) step at which each run ended at its target loss, -1 if it has not.

        Only where the problem says ``stop_at_target``; the state after the last step taken may
        not have been checked yet.
        """


@runtime_checkable
class Engine(Protocol):
    """A way to carry out gradient descent on a batch of runs of one problem.

    The modules ``span`` and ``direct`` of this folder are engines; `get_engine` loads an engine.

    Attributes:
        name: that of its module.
        needs_arrays: whether it trains whole weights, so that a start that is only sampled in the
            reduced space will not do.
    """

    name: str
    needs_arrays: bool

    def start(
        self,
        problem: Problem,
        runs: Sequence[int],
        arrays: Sequence[InitialArrays] | None,
        rates: LearningRates,
        device: str,
    ) -> EngineRun:
        """Draw (or take from ``arrays``) the start of each run.

        Raises:
            EngineError: if the engine cannot run this problem or device.
        """

    def window(self, problem: Problem) -> int:
        """Number of runs of this problem to hold at once."""

    def provenance(self) -> dict[str, Any]:
        """Versions, dtype and threads this engine's numbers depend on."""
