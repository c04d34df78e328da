"""The autograd loop with all seeds side by side: one more axis on every weight."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from harness.cell import Cell
from harness.torch_base import TorchContender, TorchState
from harness.torch_start import TorchStart, draw_start


class Seeds(TorchState):
    """A batch of runs whose weights are stacked.

    Attributes:
        weights: stacked parameters by name.
        losses: (R,) training losses before the last step.
    """

    def __init__(self, cell: Cell, start: TorchStart, device: str) -> None:
        super().__init__(device, runs=cell.runs)
        self.weights = {
            name: nn.Parameter(weight, requires_grad=name != "w_O" or cell.train_output)
            for name, weight in start.weights.items()
        }
        trained = [weight for weight in self.weights.values() if weight.requires_grad]
        self._optimizer = torch.optim.SGD(trained, lr=cell.learning_rate)
        self._flat = start.tokens.flatten(1, 2)  # (R, 2N, d), so that a weight is one bmm
        self._labels = start.labels
        self.losses = torch.zeros(cell.runs)

    def outputs(self) -> Tensor:
        """(R, N) outputs of all runs."""
        W_Q, W_K, W_V, w_O = (self.weights[name] for name in ("W_Q", "W_K", "W_V", "w_O"))
        shape = (*self._labels.shape, 2, -1)
        queries, keys, values = ((self._flat @ W).reshape(shape) for W in (W_Q, W_K, W_V))
        attention = torch.softmax(queries @ keys.transpose(2, 3), dim=-1)
        return ((attention @ values) @ w_O[:, None, :, None]).mean(dim=2).squeeze(-1)

    def step(self, count: int) -> None:
        """Full-batch gradient steps of every run; the sum of losses has each run's gradient."""
        for _ in range(count):
            self._optimizer.zero_grad()
            losses = functional.softplus(-self._labels * self.outputs()).mean(dim=1)
            losses.sum().backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            self._optimizer.step()
        self.losses = losses.detach()
        self.wait()

    def finite(self) -> bool:
        """Whether the last losses are numbers."""
        return bool(self.losses.isfinite().all())


class AutogradSeeds(TorchContender):
    """The batch in one precision."""

    def prepare(self, cell: Cell, device: str) -> Seeds:
        """All runs of the cell."""
        return Seeds(cell, draw_start(cell, cell.runs, self.check(device), device), device)


CONTENDERS = [
    AutogradSeeds("seeds", "the same, seeds batched", dtype, batched=True)
    for dtype in ("float32", "float64")
]
