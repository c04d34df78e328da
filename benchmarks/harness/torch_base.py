"""Shared parts of the torch contenders: threads, devices, memory, waiting."""

from __future__ import annotations

import torch

from .cell import Cell
from .contender import NotOfferedError
from .machine import usable_cores

DTYPES = {"float32": torch.float32, "float64": torch.float64}


class TorchContender:
    """A torch contender of one precision.

    Attributes:
        name: as in `Contender`.
        label: as in `Contender`.
        dtype: ``"float32"`` or ``"float64"``.
        batched: whether it trains all runs of a cell at once, or one run.
    """

    def __init__(self, name: str, label: str, dtype: str, batched: bool) -> None:
        self.name = f"{name}-{dtype}"
        self.label = f"{label}, {dtype}"
        self.dtype = dtype
        self.batched = batched

    def runs(self, cell: Cell) -> int:
        """Runs it trains at once."""
        return cell.runs if self.batched else 1

    def bytes_needed(self, cell: Cell) -> int:
        """Weights, gradients, tokens and activations of its runs."""
        return self.runs(cell) * cell.dense_bytes(DTYPES[self.dtype].itemsize)

    def threads(self, device: str) -> tuple[int, ...]:
        """One thread and all threads: small models lose by sharing, large models gain."""
        return (1,) if device != "cpu" else tuple(sorted({1, usable_cores()}))

    def use_threads(self, count: int) -> None:
        """Set torch's threads."""
        torch.set_num_threads(count)

    def check(self, device: str) -> torch.dtype:
        """The dtype, if the device supports it.

        Raises:
            NotOfferedError: it does not.
        """
        try:
            torch.zeros(1, device=device, dtype=DTYPES[self.dtype])
        # torch raises one or another of these, by device and build
        except (TypeError, RuntimeError, AssertionError):
            raise NotOfferedError(f"this torch has no {self.dtype} on {device}") from None
        return DTYPES[self.dtype]


class TorchState:
    """The device of the state, and how to wait for it."""

    def __init__(self, device: str, runs: int) -> None:
        self.runs = runs
        self._device = device

    def wait(self) -> None:
        """Wait until the device has finished all its work."""
        if self._device == "cuda":
            torch.cuda.synchronize()
        elif self._device == "mps":
            torch.mps.synchronize()

    def device_bytes(self) -> int:
        """Peak memory of the device if torch counts it, else 0."""
        return torch.cuda.max_memory_allocated() if self._device == "cuda" else 0
