"""The code a user would write: nn.Linear, autograd and torch.optim.SGD, one run at a time."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from harness.cell import Cell
from harness.torch_base import TorchContender, TorchState
from harness.torch_start import TorchStart, draw_start


class TwoLayerTransformer(nn.Module):
    """f(X) = mean over queries of softmax(X W_Q W_Kᵀ Xᵀ) X W_V w_O (§2, SOURCE)."""

    def __init__(self, dim: int, key_dim: int, value_dim: int) -> None:
        super().__init__()
        self.query = nn.Linear(dim, key_dim, bias=False)
        self.key = nn.Linear(dim, key_dim, bias=False)
        self.value = nn.Linear(dim, value_dim, bias=False)
        self.output = nn.Linear(value_dim, 1, bias=False)

    def forward(self, samples: Tensor) -> Tensor:
        """(N,) outputs of (N, 2, d) samples."""
        logits = self.query(samples) @ self.key(samples).transpose(1, 2)
        attended = torch.softmax(logits, dim=-1) @ self.value(samples)
        outputs: Tensor = self.output(attended).mean(dim=1).squeeze(-1)
        return outputs


class Loop(TorchState):
    """One run's model, optimiser and data.

    Attributes:
        model: the transformer.
        losses: (1,) training loss before the last step.
    """

    def __init__(self, cell: Cell, start: TorchStart, device: str) -> None:
        super().__init__(device, runs=1)
        with torch.device("meta"):
            self.model = TwoLayerTransformer(cell.dim, cell.dim, cell.dim)
        W = {name: weight[0] for name, weight in start.weights.items()}
        self.model.query.weight = nn.Parameter(W["W_Q"].T.contiguous())
        self.model.key.weight = nn.Parameter(W["W_K"].T.contiguous())
        self.model.value.weight = nn.Parameter(W["W_V"].T.contiguous())
        self.model.output.weight = nn.Parameter(
            W["w_O"][None].clone(), requires_grad=cell.train_output
        )
        trained = [weight for weight in self.model.parameters() if weight.requires_grad]
        self._optimizer = torch.optim.SGD(trained, lr=cell.learning_rate)
        self._samples, self._labels = start.tokens[0].clone(), start.labels[0].clone()
        self.losses = torch.zeros(1)

    def step(self, count: int) -> None:
        """Full-batch gradient steps."""
        for _ in range(count):
            self._optimizer.zero_grad()
            loss = functional.softplus(-self._labels * self.model(self._samples)).mean()
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            self._optimizer.step()
        self.losses = loss.detach()[None]
        self.wait()

    def finite(self) -> bool:
        """Whether the last loss is a number."""
        return bool(self.losses.isfinite().all())


class AutogradLoop(TorchContender):
    """The loop in one precision."""

    def prepare(self, cell: Cell, device: str) -> Loop:
        """One run."""
        return Loop(cell, draw_start(cell, 1, self.check(device), device), device)


CONTENDERS = [
    AutogradLoop("loop", "nn.Linear autograd loop", dtype, batched=False)
    for dtype in ("float32", "float64")
]
