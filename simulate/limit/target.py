"""Following the limit to the step at which train_loss reaches a target."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import EngineError
from ..observables import softplus
from .observe import samples
from .systems import Systems

Array = NDArray[np.float64]

#: Most steps of a run.
_MOST = 10**7


def train_loss(systems: Systems) -> float:
    """Mean loss over the training samples of the first run."""
    place = systems.place[0]
    counts = systems.count[place]
    loss = softplus(-samples(systems.state[None])["margin"][place, 0])
    return float((np.where(counts > 0, loss, 0.0) * counts).sum() / counts.sum())


def advance_to(systems: Systems, target: float) -> tuple[Array, float]:
    """Take steps until train_loss is at most a target.

    Args:
        systems: of one run; left at the first step at which it is.
        target: the loss to reach.

    Returns:
        (S, 38) states at the step before, and the share of the last step at which the loss, taken
        as linear in it, reaches the target; 0 if it does at the start.

    Raises:
        EngineError: it is not reached in ten million steps.
    """
    loss, stride, met = train_loss(systems), 1, False
    if loss <= target:
        return systems.state.copy(), 0.0
    while True:
        state, taken, before = systems.state.copy(), systems.taken, loss
        systems.advance(stride)
        loss = train_loss(systems)
        if loss > target:
            stride = stride if met else max(stride, systems.taken // 20)
        elif stride > 1:  # step back, and on in smaller strides
            systems.state, systems.taken, loss, met = state, taken, before, True
            stride = max(stride // 8, 1)
        else:
            return state, (before - target) / (before - loss)
        if systems.taken > _MOST or not np.isfinite(loss):
            raise EngineError(
                f"target_loss = {target:g}: not reached in {_MOST:,} steps; give a larger one"
            )
