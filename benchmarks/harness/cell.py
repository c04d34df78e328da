"""`Cell`: the size of a problem to time, with its memory and flops."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """One training problem of a given size; d_h = d_v = d, SNR = 1, no flips.

    Attributes:
        n_samples: training samples N.
        dim: d, and d_h and d_v with it.
        runs: seeds of a batch; contenders that train one run at a time ignore it.
        train_output: whether w_O is trained.
        test_tokens: fresh tokens of a log step.

    Example:
        >>> cell = Cell(n_samples=20, dim=512)
        >>> cell.tokens, cell.rank, cell.flops
        (22, 44, 85184)
        >>> round(Cell(n_samples=20, dim=10**6).dense_bytes(8) / 1e12)
        48
    """

    n_samples: int
    dim: int
    runs: int = 16
    train_output: bool = False
    test_tokens: int = 1

    @property
    def tokens(self) -> int:
        """Training tokens n = N + 2: both signals and each sample's noise."""
        return self.n_samples + 2

    @property
    def rank(self) -> int:
        """Columns r = min(d_h, 2n) of the reduced queries and keys."""
        return min(self.dim, 2 * self.tokens)

    @property
    def flops(self) -> int:
        """The flop limit, 4 n² r per step and run: two n × n by n × r products (DERIVED)."""
        return 4 * self.tokens**2 * self.rank

    @property
    def noise_std(self) -> float:
        """σ_p = 1/√d, so that a noise token is about as long as a signal."""
        return 1.0 / math.sqrt(self.dim)

    @property
    def init_std_qk(self) -> float:
        """σ_h = 0.1/d_h^(1/4): logits start of order 0.01 at any width."""
        return 0.1 / math.sqrt(math.sqrt(self.dim))

    @property
    def init_std_v(self) -> float:
        """σ_V: values start of order 0.01."""
        return 0.01

    @property
    def learning_rate(self) -> float:
        """η, small enough that no cell diverges."""
        return 0.1

    def dense_bytes(self, item: int, key_dim: int | None = None) -> int:
        """Bytes of one run's dense weights, their gradients, tokens and activations.

        Args:
            item: bytes of a number.
            key_dim: d_h = d_v, if not d.

        Returns:
            W_Q, W_K, W_V and a gradient each; 2N tokens; queries, keys, values, attended
            values and a gradient each.
        """
        width = key_dim or self.dim
        return item * (6 * self.dim * width + 2 * self.n_samples * (self.dim + 8 * width))
