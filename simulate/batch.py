"""`Batch`: runs in training, whatever their model; what `train` and the estimate of time need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .engines import EngineRun, LearningRates, get_engine
from .errors import EngineError
from .initialization import InitialArrays
from .model_problem import AnyProblem
from .models.attention import training_outputs
from .observables import observe_quantities
from .problem import Problem


class SignedLabels(Protocol):
    """The labels of one run's training samples."""

    @property
    def true(self) -> NDArray[np.int64]:
        """(N,) true labels."""

    @property
    def flipped(self) -> NDArray[np.bool_]:
        """(N,) whether each was flipped."""


class Batch(Protocol):
    """A batch of runs in training."""

    @property
    def labels(self) -> Sequence[SignedLabels]:
        """Each run's labels."""

    def advance(self, steps: int) -> None:
        """Take that many gradient steps with every run that has neither diverged nor ended."""

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Keep only the marked runs."""

    def observe(self) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.bool_]]:
        """The logged quantities, each (R,), and (R,) whether every training output is finite."""

    def diverged_at(self) -> NDArray[np.int64]:
        """(R,) step at which each run's output stopped being finite, -1 if it has not."""

    def stopped_at(self) -> NDArray[np.int64]:
        """(R,) step at which each run ended at its target loss, -1 if it has not."""


class AttentionBatch:
    """Runs of the attention model, trained by one of `bofcheck.simulate.engines`."""

    def __init__(self, problem: Problem, run: EngineRun) -> None:
        self._problem, self._run = problem, run
        self.advance, self.keep = run.advance, run.keep
        self.diverged_at, self.stopped_at = run.diverged_at, run.stopped_at

    @property
    def labels(self) -> Sequence[SignedLabels]:
        """Each run's labels."""
        return self._run.labels

    def observe(self) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.bool_]]:
        """The logged quantities, each (R,), and (R,) whether every training output is finite."""
        snapshot = self._run.snapshot()
        observed = observe_quantities(snapshot, self._problem, self._run.labels)
        # engines check before each step, so the state after the last step is checked here
        outputs = training_outputs(snapshot, self._run.labels)
        return observed, np.asarray(np.isfinite(outputs).all(axis=1))


def start_batch(
    problem: AnyProblem,
    runs: Sequence[int],
    engine: str,
    device: str,
    arrays: Sequence[InitialArrays] | None = None,
    rates: LearningRates | None = None,
) -> Batch:
    """Draw (or take from ``arrays``) the start of each run.

    Args:
        problem: what to train.
        runs: run indices.
        engine: as for `train`, like ``device``, ``arrays`` and ``rates``.
        device: where to train.
        arrays: starts of the attention model.
        rates: step sizes of the attention model's weights.

    Raises:
        EngineError: the engine cannot train this problem there.
    """
    if isinstance(problem, Problem):
        chosen = rates or LearningRates.uniform(problem.learning_rate)
        started = get_engine(engine).start(problem, runs, arrays, chosen, device)
        return AttentionBatch(problem, started)
    if arrays is not None:
        raise EngineError('start: only the attention model takes arrays; give "sampled" or '
                          '"materialised"')  # fmt: skip
    if rates is not None:
        raise EngineError("rates: only the attention model has a step size for each weight")
    from .reduced.engine import start_runs

    return start_runs(problem, runs, engine, device)


def window(problem: AnyProblem, engine: str) -> int:
    """Number of runs of this problem to hold at once.

    Raises:
        EngineError: no engine has that name, or it cannot train this problem.
    """
    if isinstance(problem, Problem):
        return get_engine(engine).window(problem)
    from .reduced.engine import check_engine
    from .reduced.engine import window as model_window

    check_engine(problem, engine)
    return model_window(problem, engine)


def engine_provenance(problem: AnyProblem, engine: str) -> dict[str, Any]:
    """Versions, dtype and threads the numbers of this problem depend on."""
    if isinstance(problem, Problem):
        return {"dtype": problem.dtype, **get_engine(engine).provenance()}
    from .reduced.engine import provenance

    return {"dtype": "float64", **provenance(problem, engine)}
