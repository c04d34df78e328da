"""`DenseRun`: the same models on real arrays with ``torch.optim.SGD``, slow and obvious.

Nothing here uses A, c or G: tokens and weights have their real dimensions, and products are
computed from them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..model_problem import ModelProblem
from .draws import ModelArrays, Samples
from .layout import Layout
from .losses import LOSSES
from .observe import FreshTokens, State, observe
from .steps import StepDraws

IntArray = NDArray[np.int64]


class DenseModel:
    """One run at its real dimensions.

    Attributes:
        tokens: (M, N, d) every training token.
        weights: (d, k) first layer W.
        extra: the other trained parameters.
    """

    def __init__(
        self,
        problem: ModelProblem,
        run: int,
        samples: Samples,
        arrays: ModelArrays,
        extra: dict[str, NDArray[np.float64]],
        device: str,
    ) -> None:
        mixture = problem.law.mixture()
        signals = arrays.rows[: len(mixture.norms)]
        noise = arrays.rows[len(mixture.norms) :].reshape(-1, problem.n_samples, problem.dim)
        tokens = np.empty((mixture.slots, problem.n_samples, problem.dim))
        for slot in range(mixture.slots):
            for n, component in enumerate(samples.component):
                tokens[slot, n] = mixture.means[component, slot] @ signals
        for rank, slot in enumerate(mixture.noisy):
            tokens[slot] += noise[rank]
        self.tokens = torch.tensor(tokens, device=device)
        self.weights = torch.tensor(arrays.weights, device=device, requires_grad=True)
        self.extra = {
            name: torch.tensor(value[None], device=device, requires_grad=True)
            for name, value in extra.items()
        }
        self._rows = torch.tensor(arrays.rows, device=device)
        self._observed = torch.tensor(samples.observed, device=device)
        self._problem = problem
        self._draws = StepDraws(problem, [run], device)
        self._rule = torch.optim.SGD(
            [self.weights, *self.extra.values()],
            lr=problem.learning_rate,
            momentum=problem.momentum,
            weight_decay=problem.weight_decay,
        )

    def outputs(self) -> Tensor:
        """(N,) outputs."""
        products = self.tokens @ self.weights
        return self._problem.network.forward(products[None], self.extra)[0]

    def step(self) -> str:
        """One step: ``"taken"``, or why none was taken, ``"diverged"`` or ``"reached"``."""
        problem, loss = self._problem, LOSSES[self._problem.loss]
        outputs = self.outputs()
        if not torch.isfinite(outputs).all():
            return "diverged"
        margins = self._observed * outputs
        if problem.stop_at_target and loss(margins).mean().item() <= problem.target_loss:
            return "reached"
        draw = self._draws.next()
        losses = loss(margins if draw.signs is None else draw.signs[0] * margins)
        total = losses.mean() if draw.weights is None else (draw.weights[0] * losses).sum()
        self._rule.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]  # torch types only its arguments
        self._rule.step()
        return "taken"

    @torch.no_grad()
    def state(self) -> State:
        """This run with a leading run axis."""
        seen = self.weights
        mixture = self._problem.law.mixture()
        if mixture.orthogonal:  # signals lie along the first axes
            seen = seen[len(mixture.norms) :]
        extra = {name: value.detach() for name, value in self.extra.items()}
        return State((self._rows @ self.weights)[None], (seen.T @ seen)[None], extra)


class DenseRun:
    """A batch of runs, trained one after the other.

    Attributes:
        labels: each run's labels.
        models: the runs at their real dimensions.
    """

    def __init__(
        self,
        problem: ModelProblem,
        runs: Sequence[int],
        samples: Sequence[Samples],
        arrays: Sequence[ModelArrays],
        extras: Sequence[dict[str, NDArray[np.float64]]],
        device: str,
    ) -> None:
        self.labels: Sequence[Samples] = list(samples)
        self.models = [
            DenseModel(problem, *each, device)
            for each in zip(runs, samples, arrays, extras, strict=True)
        ]
        self._problem, self._device = problem, device
        self._layout = Layout(problem.law.mixture(), samples, device)
        self._fresh = FreshTokens.draw(problem, runs, device)
        self._diverged: IntArray = np.full(len(runs), -1, dtype=np.int64)
        self._stopped = self._diverged.copy()
        self._taken = 0

    def advance(self, steps: int) -> None:
        """Take that many gradient steps with every run that has neither diverged nor ended."""
        for i, model in enumerate(self.models):
            if self._diverged[i] >= 0 or self._stopped[i] >= 0:
                continue
            for step in range(self._taken, self._taken + steps):
                outcome = model.step()
                if outcome != "taken":
                    ended = self._diverged if outcome == "diverged" else self._stopped
                    ended[i] = step
                    break
        self._taken += steps

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Keep only the marked runs of the batch."""
        self.labels = [run for run, kept in zip(self.labels, which, strict=True) if kept]
        self.models = [run for run, kept in zip(self.models, which, strict=True) if kept]
        self._diverged, self._stopped = self._diverged[which], self._stopped[which]
        chosen = torch.as_tensor(which, device=self._device)
        self._layout.keep(chosen)
        self._fresh = self._fresh.kept(chosen)

    def state(self) -> State:
        """The present products and weights."""
        states = [model.state() for model in self.models]
        names = states[0].extra
        return State(
            torch.cat([state.products for state in states]),
            torch.cat([state.noise_weights for state in states]),
            {name: torch.cat([state.extra[name] for state in states]) for name in names},
        )

    def observe(self) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.bool_]]:
        """The logged quantities, each (R,), and which runs' outputs are finite."""
        return observe(self._problem, self.state(), self._layout, self.labels, self._fresh)

    def diverged_at(self) -> IntArray:
        """(R,) step at which each run's output stopped being finite, -1 if it has not."""
        return self._diverged.copy()

    def stopped_at(self) -> IntArray:
        """(R,) step at which each run ended at its target loss, -1 if it has not."""
        return self._stopped.copy()
