"""The logged quantities, computed from a `Snapshot` the same way for every engine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .data.signal_noise import Labels
from .models.attention import attention_mass, average_fresh, logistic, training_outputs
from .problem import Problem
from .rare_error import log_failure
from .snapshot import Snapshot

Array = NDArray[np.float64]

#: Every logged quantity and its meaning; all are per run and log step.
QUANTITIES = {
    "train_loss": "L_S, mean logistic loss of the training samples",
    "test_loss": "E log(1+exp(-y f)) over fresh samples, flips integrated exactly (eq. 3)",
    "test_error": "P(y != sign f) over fresh samples, flips integrated exactly (eq. 2)",
    "test_error_drawn": "share of drawn fresh samples with y f <= 0, flips drawn too",
    "log_failure_prob": "log P(yhat f <= 0), by importance sampling, however small",
    "failure_prob_error": "relative standard error of exp(log_failure_prob)",
    "failure_tilt_gap": "log P by the tilt along W_V w_O, minus that by the tilt at a failure",
    "attention_clean": "attention on the signal token, clean training samples",
    "attention_flipped": "attention on the signal token, flipped training samples",
    "attention_test": "attention on the signal token, fresh samples",
    "gap_clean": "logit gap of the signal query, mean over clean training samples",
    "v_plus": "V+ = mu+ W_V w_O",
    "v_minus": "V- = mu- W_V w_O",
    "v_noise_clean": "mean |V_n| of clean training samples",
    "v_noise_flipped": "mean |V_n| of flipped training samples",
    "v_noise_max": "max |V_n| of all training samples",
    "v_noise_aligned": "min y_n V_n of all training samples",
    "fitted": "fraction of training labels fitted, y f > 0",
    "fitted_flipped": "fraction of flipped training labels fitted",
    "residual_clean": "mean 1/(1+exp(y f)) of clean training samples",
    "residual_all": "mean 1/(1+exp(y f)) of all training samples",
    "value_norm": "norm of W_V w_O",
    "output_norm": "norm of w_O",
}


def softplus(x: Array) -> Array:
    """log(1 + e^x) without overflow.

    >>> softplus(np.array([-800.0, 0.0, 800.0])).round(6).tolist()
    [0.0, 0.693147, 800.0]
    """
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


def observe_quantities(
    snapshot: Snapshot, problem: Problem, labels: Sequence[Labels]
) -> dict[str, Array]:
    """Average a snapshot of R runs into the logged quantities.

    Args:
        snapshot: state of R runs at one step.
        problem: their problem.
        labels: the R runs' labels.

    Returns:
        One (R,) array per name in `QUANTITIES`. A quantity over flipped (or clean) samples is
        NaN for a run that has none.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return _train(snapshot, labels) | _test(snapshot, problem, labels)


def _train(snapshot: Snapshot, labels: Sequence[Labels]) -> dict[str, Array]:
    true = np.stack([run.true for run in labels])
    observed = np.stack([run.observed for run in labels])
    flipped = true != observed
    mass = attention_mass(snapshot)
    margin = observed * training_outputs(snapshot, labels)
    residual = logistic(-margin)
    size = np.abs(snapshot.noise_values)
    fitted = (margin > 0).astype(float)
    return {
        "train_loss": softplus(-margin).mean(axis=1),
        "attention_clean": _mean(mass / 2, ~flipped),
        "attention_flipped": _mean(mass / 2, flipped),
        "gap_clean": _mean(snapshot.signal_gap, ~flipped),
        "v_plus": snapshot.signal_values[:, 0].copy(),
        "v_minus": snapshot.signal_values[:, 1].copy(),
        "v_noise_clean": _mean(size, ~flipped),
        "v_noise_flipped": _mean(size, flipped),
        "v_noise_max": size.max(axis=1),
        "v_noise_aligned": (observed * snapshot.noise_values).min(axis=1),
        "fitted": fitted.mean(axis=1),
        "fitted_flipped": _mean(fitted, flipped),
        "residual_clean": _mean(residual, ~flipped),
        "residual_all": residual.mean(axis=1),
        "value_norm": snapshot.value_norm,
        "output_norm": snapshot.output_norm,
    }


def _test(snapshot: Snapshot, problem: Problem, labels: Sequence[Labels]) -> dict[str, Array]:
    true = np.stack([run.test_true for run in labels])
    fresh = average_fresh(snapshot, true, np.stack([run.test_observed for run in labels]))
    p = problem.flip_prob
    failure = log_failure(snapshot, problem.noise_std)
    return {
        # softplus(m) = m + softplus(-m): a flip adds the margin to the loss
        "test_loss": fresh.loss + p * fresh.margin,
        "test_error": p + (1 - 2 * p) * fresh.failed,
        "test_error_drawn": fresh.drawn,
        "log_failure_prob": failure.log_prob,
        "failure_prob_error": failure.relative_error,
        "failure_tilt_gap": failure.tilt_gap,
        "attention_test": fresh.mass / 2,
    }


def _mean(values: Array, where: NDArray[np.bool_]) -> Array:
    """Mean over the marked entries of each row, NaN where no entry is marked."""
    count = where.sum(axis=1)
    total = np.where(where, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
