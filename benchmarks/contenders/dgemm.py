"""The yardstick: large square float64 products, with each available BLAS, on all cores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from harness.cell import Cell
from harness.machine import usable_cores

#: Rows of the square; a product is 2 SIZE³ flops.
SIZE = 1536


class Products:
    """Products of the same two matrices."""

    def __init__(self, left: Any, right: Any, product: Callable[..., Any], out: Any) -> None:
        self.runs = 1
        self._left, self._right, self._product, self._out = left, right, product, out

    def step(self, count: int) -> None:
        """Compute that many products."""
        for _ in range(count):
            self._product(self._left, self._right, out=self._out)

    def finite(self) -> bool:
        """Whether the product is finite."""
        return bool(self._out[0, 0] == self._out[0, 0])

    def device_bytes(self) -> int:
        """On the CPU only."""
        return 0


class Dgemm:
    """The rate of one library.

    Attributes:
        name: as in `Contender`.
        label: as in `Contender`.
    """

    def __init__(self, library: str) -> None:
        self.name = f"dgemm-{library}"
        self.label = f"dgemm by {library}"
        self._library = library

    def bytes_needed(self, cell: Cell) -> int:
        """Three matrices."""
        return 3 * 8 * SIZE**2

    def threads(self, device: str) -> tuple[int, ...]:
        """All cores."""
        return (usable_cores(),)

    def use_threads(self, count: int) -> None:
        """Set torch's threads; numpy's BLAS takes all cores by itself."""
        if self._library == "torch":
            import torch

            torch.set_num_threads(count)

    def prepare(self, cell: Cell, device: str) -> Products:
        """Two matrices of normal numbers."""
        rng = np.random.default_rng(0)
        left, right = rng.standard_normal((2, SIZE, SIZE))
        if self._library == "numpy":
            return Products(left, right, np.matmul, np.empty((SIZE, SIZE)))
        import torch

        a, b = torch.from_numpy(left), torch.from_numpy(right)
        return Products(a, b, torch.matmul, torch.empty_like(a))


CONTENDERS = [Dgemm("numpy"), Dgemm("torch")]
