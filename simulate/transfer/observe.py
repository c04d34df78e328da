"""The quantities of `MEANINGS`, from a batch at one step."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .batch import Batch
from .losses import Loss

Array = NDArray[np.float64]


@torch.no_grad()
def observe(batch: Batch) -> tuple[dict[str, Array], NDArray[np.bool_]]:
    """Each quantity (R,), and (R,) whether every training output is finite.

    Args:
        batch: in its present state.
    """
    f, attention = batch.outputs()
    margin = batch.observed * f
    flipped = batch.observed != batch.true
    right = batch.true_test() * batch.test_outputs()
    weight, chance = batch.test_chances()
    fail = (right <= 0).to(f.dtype)
    logistic = Loss().of
    out = {
        "objective": batch.settings[0].loss.of(margin).mean(1),
        "train_loss": logistic(margin).mean(1),
        "train_error": (margin <= 0).to(f.dtype).mean(1),
        "flipped_fitted": _mean((margin > 0).to(f.dtype), flipped),
        "residual_clean": _mean(torch.sigmoid(-margin), ~flipped),
        # softplus(m) = m + softplus(-m): a flip adds the margin to the loss
        "test_loss": (weight * (logistic(right) + chance * right)).sum(1),
        "test_error": (weight * (chance + (1 - 2 * chance) * fail)).sum(1),
        "clean_error": (weight * fail).sum(1),
        "attention_clean": _mean(_on_signal(attention, batch.is_signal), ~flipped),
        **_values(batch),
    }
    finite = torch.isfinite(f).all(dim=1).numpy()
    return {
        name: np.where(finite, values.numpy().astype(np.float64), np.nan)
        for name, values in out.items()
    }, finite


def _on_signal(attention: Tensor, is_signal: Tensor) -> Tensor:
    """(R, N) share of absolute attention on signals, mean over heads and queries."""
    size = attention.abs()
    on = (size * is_signal[:, :, None, None, :]).sum(-1)
    total = size.sum(-1)
    # where a query attends to nothing it has no share
    share = torch.where(total > 0, on / total, torch.nan)
    return share.nanmean(dim=(2, 3))


def _values(batch: Batch) -> dict[str, Tensor]:
    """V of the signals and of the training noise; NaN where f is not linear in V."""
    if not batch.settings[0].architecture.has_values:
        nothing = torch.full((len(batch.runs),), torch.nan, dtype=torch.float64)
        return {"v_signal": nothing, "v_noise": nothing}
    u = batch.weights["W_V"] @ batch.weights["w_O"][:, :, None]
    signal = (batch.signals @ u)[:, :, 0]
    noise = (batch.tokens.flatten(1, 2) @ u).reshape(batch.tokens.shape[:3])
    signs = torch.tensor(np.stack([one.signs for one in batch.samples]))
    return {
        "v_signal": (signs * signal).mean(1),
        "v_noise": _mean(noise.abs().flatten(1), ~batch.is_signal.flatten(1)),
    }


def _mean(values: Tensor, where: Tensor) -> Tensor:
    """Mean over the marked entries of each row, NaN where none is marked or all are unknown."""
    return torch.where(where, values, torch.nan).nanmean(dim=1)
