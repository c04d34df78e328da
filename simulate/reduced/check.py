"""`check_model`: whether a model you wrote is one that the span of the tokens describes."""

from __future__ import annotations

import numpy as np
import torch

from ..data import DataLaw
from ..errors import EngineError
from ..model_problem import ModelProblem
from ..models import Model
from .engine import start_runs

#: Largest relative difference between the engines that rounding explains.
LIMIT = 1e-9


def check_model(network: Model, law: DataLaw, steps: int = 50) -> float:
    """Compare a model with itself on real arrays, and its gradient with finite differences.

    Args:
        network: the model.
        law: a data law it takes.
        steps: gradient steps of the comparison.

    Returns:
        The largest difference of products and weights after these steps, relative to the largest
        product or weight; at most 1e-9.

    Raises:
        EngineError: ``forward`` returns another shape, its gradient is wrong (as after a
            ``detach``), or the engines differ.

    Example:
        >>> from bofcheck.simulate.data import get_law
        >>> from bofcheck.simulate.models import get_model
        >>> check_model(get_model("relu_cnn")(power=2), get_law("signal_noise")()) < 1e-9
        True
    """
    problem = ModelProblem(
        network=network, law=law, n_samples=5, dim=40, start="materialised", test_tokens=2,
        flip_prob=0.2, learning_rate=0.01,
    )  # fmt: skip
    _check_gradient(problem)
    states = []
    for engine in ("direct", "span"):
        batch = start_runs(problem, [0, 1], engine, "cpu")
        batch.advance(steps)
        states.append(batch.state())
    apart = 0.0
    for dense, reduced in zip(states[0][:2], states[1][:2], strict=True):
        scale = max(float(dense.abs().max()), 1e-300)
        apart = max(apart, float((dense - reduced).abs().max()) / scale)
    if not apart <= LIMIT:
        raise EngineError(
            f"model {network.name}: differs from itself on real arrays by {apart:.2g} after "
            f"{steps} steps, at most {LIMIT:.0e} is rounding; forward may use nothing but its "
            "tokens and extra"
        )
    return apart


def _check_gradient(problem: ModelProblem) -> None:
    """Refuse a forward pass of another shape, or whose gradient in the tokens is not its own."""
    network, slots = problem.network, problem.law.mixture().slots
    rng = np.random.default_rng(0)
    tokens = torch.tensor(rng.standard_normal((2, slots, 3, network.start_stds().size)))
    extra = {name: torch.tensor(np.stack([value, value]))
             for name, value in network.start_extra(rng).items()}  # fmt: skip
    shape = tuple(network.forward(tokens, extra).shape)
    if shape != (2, 3):
        raise EngineError(
            f"model {network.name}: forward gives shape {shape} for 2 runs of 3 samples; it must "
            "give (2, 3)"
        )
    weights = torch.tensor(rng.standard_normal((2, 3)))
    tokens.requires_grad_()
    total = (weights * network.forward(tokens, extra)).sum()
    if not total.requires_grad:
        raise EngineError(f"model {network.name}: forward does not depend on its tokens")
    (gradient,) = torch.autograd.grad(total, [tokens])
    step = torch.tensor(rng.standard_normal(tokens.shape))
    along = float((gradient * step).sum())
    with torch.no_grad():
        ahead, behind = (
            float((weights * network.forward(tokens + size * step, extra)).sum())
            for size in (1e-6, -1e-6)
        )
    slope = (ahead - behind) / 2e-6
    if not abs(slope - along) <= 1e-5 * max(abs(slope), abs(along), 1.0):
        raise EngineError(
            f"model {network.name}: its gradient is {along:.6g} along a direction in which its "
            f"output rises by {slope:.6g}; write forward with torch operations only, without detach"
        )
