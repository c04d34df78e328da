"""`ReducedRun`: R runs trained together on the coefficients A of W = c·W(0) + ZᵀA."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..model_problem import ModelProblem
from .draws import ModelStart, Samples
from .layout import Layout
from .losses import LOSSES
from .observe import FreshTokens, State, observe
from .steps import StepDraws
from .threads import limited_threads, threads_for

IntArray = NDArray[np.int64]

#: Steps between two checks whether any run goes on.
_ASKED = 16


class ReducedRun:
    """A batch of runs, all tensors with a leading run axis.

    Args:
        problem: what to train.
        runs: run indices.
        samples: each run's labels.
        starts: each run's start.
        extras: each run's trained parameters that never meet the data.
        device: a torch device.

    Attributes:
        labels: each run's labels.
    """

    def __init__(
        self,
        problem: ModelProblem,
        runs: Sequence[int],
        samples: Sequence[Samples],
        starts: Sequence[ModelStart],
        extras: Sequence[dict[str, NDArray[np.float64]]],
        device: str,
    ) -> None:
        def stacked(arrays: Sequence[NDArray[np.float64]]) -> Tensor:
            return torch.tensor(np.stack(arrays), device=device)

        self.labels: Sequence[Samples] = list(samples)
        self._problem = problem
        self._device = device
        self._threads = threads_for(problem)
        self._loss = LOSSES[problem.loss]
        self._layout = Layout(problem.law.mixture(), samples, device)
        self._observed = stacked([run.observed.astype(np.float64) for run in samples])
        self._gram = stacked([start.gram for start in starts])
        self._products = stacked([start.products for start in starts])
        self._noise_weights = stacked([start.noise_weights for start in starts])
        self._start_part = self._products  # c·U; another tensor only under weight decay
        self._extra = {name: stacked([extra[name] for extra in extras]) for name in extras[0]}
        self._kept = torch.ones((len(starts), 1, 1), dtype=torch.float64, device=device)  # c
        self._coefficients = torch.zeros_like(self._products)  # A
        self._velocities = [torch.zeros_like(value) for value in self._values()]
        self._finite = torch.ones(len(starts), dtype=torch.bool, device=device)
        self._going = self._finite.clone()
        self._finite_steps = torch.zeros(len(starts), dtype=torch.int64, device=device)
        self._steps_taken = self._finite_steps.clone()
        self._draws = StepDraws(problem, runs, device)
        self._fresh = FreshTokens.draw(problem, runs, device)

    def advance(self, steps: int) -> None:
        """Take that many gradient steps with every run that has neither diverged nor ended."""
        with limited_threads(self._threads):
            for step in range(steps):
                # asked now and then, since a GPU waits for the answer
                if step % _ASKED == 0 and not bool((self._going & self._finite).any()):
                    return
                self._step()

    def _step(self) -> None:
        problem, draw = self._problem, self._draws.next()
        products = torch.baddbmm(self._start_part, self._gram, self._coefficients)
        tokens = self._layout.tokens(products).requires_grad_()
        extra = {name: value.requires_grad_() for name, value in self._extra.items()}
        outputs = problem.network.forward(tokens, extra)
        margins = self._observed * outputs
        losses = self._loss(margins)
        stepped = losses if draw.signs is None else self._loss(draw.signs * margins)
        if draw.weights is None:
            total = stepped.sum() / problem.n_samples
        else:
            total = (draw.weights * stepped).sum()
        gradients = torch.autograd.grad(
            total, [tokens, *extra.values()], allow_unused=True, materialize_grads=True
        )
        with torch.no_grad():
            self._finite &= torch.isfinite(outputs).all(dim=1)
            self._finite_steps += self._finite
            if problem.stop_at_target:
                reached = losses.mean(dim=1) <= problem.target_loss
                self._going &= ~(reached & self._finite)
                self._steps_taken += self._going
            trained = self._layout.pull_back(gradients[0])
            self._descend([trained, torch.zeros_like(self._kept), *gradients[1:]])

    def _values(self) -> list[Tensor]:
        """Everything a step changes: A, c and the extra parameters."""
        return [self._coefficients, self._kept, *self._extra.values()]

    def _descend(self, gradients: list[Tensor]) -> None:
        """One step of SGD with momentum and weight decay; W decays through both A and c."""
        problem = self._problem
        for value, velocity, gradient in zip(
            self._values(), self._velocities, gradients, strict=True
        ):
            change = gradient
            if problem.weight_decay > 0:
                change = change + problem.weight_decay * value
            if problem.momentum > 0:
                change = velocity.mul_(problem.momentum).add_(change)
            if problem.stop_at_target:
                change = change * self._going.view(-1, *[1] * (value.ndim - 1))
            value.sub_(change, alpha=problem.learning_rate)
        if problem.weight_decay > 0:
            self._start_part = self._kept * self._products

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Keep only the marked runs of the batch."""
        chosen = torch.as_tensor(which, device=self._device)
        self.labels = [run for run, kept in zip(self.labels, which, strict=True) if kept]
        for name in (
            "_observed", "_gram", "_products", "_noise_weights", "_start_part", "_kept",
            "_coefficients", "_finite", "_going", "_finite_steps", "_steps_taken",
        ):  # fmt: skip
            setattr(self, name, getattr(self, name)[chosen])
        self._extra = {name: value.detach()[chosen] for name, value in self._extra.items()}
        self._velocities = [velocity[chosen] for velocity in self._velocities]
        self._layout.keep(chosen)
        self._draws.keep(which)
        self._fresh = self._fresh.kept(chosen)

    @torch.no_grad()
    def state(self) -> State:
        """The present products and weights, by inner products alone."""
        products = torch.baddbmm(self._start_part, self._gram, self._coefficients)
        first = len(self._problem.law.mixture().norms)
        rows = slice(first if self._problem.law.noise == "orthogonal" else 0, None)
        trained, gram = self._coefficients[:, rows], self._gram[:, rows, rows]
        crossed = (self._kept * self._products[:, rows]).mT @ trained
        weights = self._kept**2 * self._noise_weights + crossed + crossed.mT
        return State(products, weights + trained.mT @ gram @ trained, self._extra)

    def observe(self) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.bool_]]:
        """The logged quantities, each (R,), and which runs' outputs are finite."""
        with limited_threads(self._threads):
            return observe(self._problem, self.state(), self._layout, self.labels, self._fresh)

    def diverged_at(self) -> IntArray:
        """(R,) step at which each run's output stopped being finite, -1 if it has not."""
        steps = torch.where(self._finite, -1, self._finite_steps)
        return np.asarray(steps.cpu().numpy(), dtype=np.int64)

    def stopped_at(self) -> IntArray:
        """(R,) step at which each run ended at its target loss, -1 if it has not."""
        steps = torch.where(self._going, -1, self._steps_taken)
        return np.asarray(steps.cpu().numpy(), dtype=np.int64)
