"""A model: a two-layer network with a smooth activation. Run this file to check and train it.

The first layer W (d x k) meets the data only through products with tokens, so a run costs the
same at any dimension d.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor

from bofcheck.simulate import ModelProblem, train
from bofcheck.simulate.data.signal_noise import SignalNoise
from bofcheck.simulate.models import Model
from bofcheck.simulate.reduced.check import check_model


class Softplus(Model):
    """f = (1/m) sum of log(1 + exp(<w_r, x_l>)) over filters of class +1, less that of -1."""

    name: ClassVar[str] = "softplus"
    source: ClassVar[str] = "my notes, Section 2"
    default_data: ClassVar[str] = "signal_noise"  # or "cluster", "xor"
    quantities: ClassVar[Mapping[str, str]] = {"largest": "largest |product| with a token"}

    # Parameters, with what is allowed: keys of a problem, and arguments of Softplus(...).
    neurons: int = Field(default=10, ge=1, le=10_000)
    init_std: float = Field(default=0.01, gt=0)

    def start_stds(self) -> NDArray[np.float64]:
        """(k,) standard deviation of the entries of each column of W at the start."""
        return np.full(2 * self.neurons, self.init_std)

    def forward(self, tokens: Tensor, extra: Mapping[str, Tensor]) -> Tensor:
        """(R, N) outputs from the (R, M, N, k) products of runs, slots, samples with W.

        Only torch operations, without detach: the gradient is taken by autograd. Parameters that
        never meet the data are returned by ``start_extra`` and come back here as ``extra``.
        """
        active = torch.nn.functional.softplus(tokens)
        positive, negative = active[..., : self.neurons], active[..., self.neurons :]
        outputs: Tensor = (positive.mean(dim=-1) - negative.mean(dim=-1)).sum(dim=1)
        return outputs

    def observe(self, tokens: Tensor, extra: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """(R,) numbers that are logged beside losses and errors; leave it out if there are none."""
        return {"largest": tokens.abs().amax(dim=(1, 2, 3))}


MODEL = Softplus


def main() -> None:
    """Compare the model with itself on real arrays, then train it at d = 10^9."""
    network, law = Softplus(), SignalNoise(noise_std=1e-5)
    print(f"differs from real arrays by {check_model(network, law):.1e}, at most 1e-9")
    problem = ModelProblem(network=network, law=law, n_samples=20, dim=10**9, learning_rate=1.0)
    runs = train(problem, seeds=8, steps=500)
    for name in ("train_loss", "test_loss", "test_error", "largest"):
        first, last = runs.quantities[name][:, 0].mean(), runs.quantities[name][:, -1].mean()
        print(f"{name:12} {first:.4g} -> {last:.4g}")


if __name__ == "__main__":
    main()
