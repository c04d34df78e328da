"""torch.func: vmap over seeds of the gradient of one run's loss."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.func import grad_and_value, vmap
from torch.nn import functional

from harness.cell import Cell
from harness.torch_base import TorchContender, TorchState
from harness.torch_start import TorchStart, draw_start


def run_loss(
    trained: dict[str, Tensor], frozen: dict[str, Tensor], samples: Tensor, labels: Tensor
) -> Tensor:
    """Training loss of one run, (N, 2, d) samples."""
    W = {**trained, **frozen}
    logits = (samples @ W["W_Q"]) @ (samples @ W["W_K"]).transpose(1, 2)
    attended = torch.softmax(logits, dim=-1) @ (samples @ W["W_V"])
    return functional.softplus(-labels * (attended @ W["w_O"]).mean(dim=1)).mean()


class Mapped(TorchState):
    """A batch of runs under vmap.

    Attributes:
        trained: stacked weights by name.
        losses: (R,) training losses before the last step.
    """

    def __init__(self, cell: Cell, start: TorchStart, device: str) -> None:
        super().__init__(device, runs=cell.runs)
        self.trained = dict(start.weights)
        self._frozen = {} if cell.train_output else {"w_O": self.trained.pop("w_O")}
        self._start, self._rate = start, cell.learning_rate
        self._gradient = vmap(grad_and_value(run_loss))
        self.losses = torch.zeros(cell.runs)

    def step(self, count: int) -> None:
        """Full-batch gradient steps of every run."""
        for _ in range(count):
            gradients, self.losses = self._gradient(
                self.trained, self._frozen, self._start.tokens, self._start.labels
            )
            for name, weight in self.trained.items():
                weight.sub_(gradients[name], alpha=self._rate)
        self.wait()

    def finite(self) -> bool:
        """Whether the last losses are numbers."""
        return bool(self.losses.isfinite().all())


class AutogradVmap(TorchContender):
    """vmap in one precision."""

    def prepare(self, cell: Cell, device: str) -> Mapped:
        """All runs of the cell."""
        return Mapped(cell, draw_start(cell, cell.runs, self.check(device), device), device)


CONTENDERS = [AutogradVmap("vmap", "torch.func.vmap over seeds", "float32", batched=True)]
