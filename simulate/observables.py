"""The logged quantities, computed from a `Snapshot` the same way for every engine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from .data.signal_noise import Labels
from .models.attention import attention_mass, average_fresh, logistic, training_outputs
from .problem import Problem
from .rare_error import log_failure
from .snapshot import Snapshot

Array = NDArray[np.float64]

#: Chance that the interval of a counted share misses, on each side.
_MISS = 0.025

#: Every logged quantity and its meaning; all are per run and log step.
QUANTITIES = {
    "train_loss": "L_S, mean logistic loss of the training samples",
    "test_loss": "E log(1+exp(-y f)) over fresh samples, flips integrated exactly (eq. 3)",
    "test_error": "P(y f <= 0) over fresh samples, flips integrated exactly (eq. 2)",
    "test_error_low": "lower end of the 95% interval of test_error, by the number of fresh tokens",
    "test_error_high": "upper end of the 95% interval of test_error",
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
    low, high = share_limits(fresh.failed, problem.test_tokens)
    return {
        # softplus(m) = m + softplus(-m): a flip adds the margin to the loss
        "test_loss": fresh.loss + p * fresh.margin,
        "test_error": _error(fresh.failed, fresh.zero, p),
        "test_error_low": _error(low, fresh.zero, p),
        "test_error_high": _error(high, fresh.zero, p),
        "test_error_drawn": fresh.drawn,
        "log_failure_prob": failure.log_prob,
        "failure_prob_error": failure.relative_error,
        "failure_tilt_gap": failure.tilt_gap,
        "attention_test": fresh.mass / 2,
    }


def _error(failed: Array, zero: Array, flip_prob: float) -> Array:
    """P(y f ≤ 0) from P(ŷf ≤ 0): a flip turns failures into successes, but for an f of 0."""
    return np.asarray(flip_prob + (1 - 2 * flip_prob) * failed + flip_prob * zero)


def share_limits(share: Array, tokens: int) -> tuple[Array, Array]:
    """The two-sided 95% interval of a probability from its share of independent tokens.

    That of Clopper and Pearson. A token beside both signals may fail by half; halves spread less
    than failures counted as a whole, so the interval is wide enough.

    Args:
        share: (R,) share that failed, in [0, 1] or NaN.
        tokens: how many tokens were counted.

    Returns:
        (R,) lower and upper ends; NaN where the share is.

    Example:
        No failure among 1, 64 and 10,000 tokens:

        >>> [round(float(share_limits(np.zeros(1), m)[1][0]), 4) for m in (1, 64, 10_000)]
        [0.975, 0.056, 0.0004]
    """
    failed = share * tokens
    low = betaincinv(np.maximum(failed, 1e-9), tokens - failed + 1.0, _MISS)
    high = betaincinv(failed + 1.0, np.maximum(tokens - failed, 1e-9), 1.0 - _MISS)
    return np.where(failed <= 0.0, 0.0, low), np.where(failed >= tokens, 1.0, high)


def _mean(values: Array, where: NDArray[np.bool_]) -> Array:
    """Mean over the marked entries of each row, NaN where no entry is marked."""
    count = where.sum(axis=1)
    total = np.where(where, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
