"""`Layout`: from products of Z's rows with W to products of every token with W."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from ..data import Mixture
from .draws import Samples


class Layout:
    """How the tokens of R runs are put together from signals and noise.

    Args:
        mixture: the data law.
        samples: the runs' samples.
        device: a torch device.
    """

    def __init__(self, mixture: Mixture, samples: Sequence[Samples], device: str) -> None:
        component = np.stack([run.component for run in samples])
        means = mixture.means[component]  # (R, N, M, s)
        self._signals = len(mixture.norms)
        self._count = component.shape[1]
        self._rows = self._signals + len(mixture.noisy) * self._count
        self._means = [
            torch.tensor(means[:, :, slot], device=device) if mixture.means[:, slot].any() else None
            for slot in range(mixture.slots)
        ]
        rank = {int(slot): place for place, slot in enumerate(mixture.noisy)}
        self._noise = [rank.get(slot) for slot in range(mixture.slots)]

    def tokens(self, products: Tensor) -> Tensor:
        """(R, M, N, k) products of the tokens with W, from (R, n, k) products of the rows."""
        slots = []
        for means, rank in zip(self._means, self._noise, strict=True):
            parts = []
            if means is not None:
                seen = products[:, : self._signals]
                # an outer product is several times cheaper than a batch of thin matrices
                parts.append(means * seen if self._signals == 1 else means @ seen)
            if rank is not None:
                first = self._signals + rank * self._count
                parts.append(products[:, first : first + self._count])
            slots.append(sum(parts[1:], parts[0]))
        runs, _, columns = products.shape
        stacked = torch.cat(slots, dim=1)
        return stacked.view(runs, len(slots), self._count, columns)

    def pull_back(self, gradient: Tensor) -> Tensor:
        """(R, n, k) gradient in the products of the rows, from (R, M, N, k) in the tokens'.

        The transpose of `tokens`, written out: several times faster than what autograd does for
        slices.
        """
        runs, _, _, columns = gradient.shape
        rows = gradient.new_zeros((runs, self._rows, columns))
        for slot, (means, rank) in enumerate(zip(self._means, self._noise, strict=True)):
            if means is not None:
                rows[:, : self._signals] += means.mT @ gradient[:, slot]
            if rank is not None:
                first = self._signals + rank * self._count
                rows[:, first : first + self._count] = gradient[:, slot]
        return rows

    def keep(self, which: Tensor) -> None:
        """Keep only the marked runs."""
        self._means = [None if means is None else means[which] for means in self._means]
