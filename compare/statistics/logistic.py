"""Logistic regression that stays finite when the data separate: a weak ridge on the slopes.

The slopes of the standardised predictors get a wide normal prior, worth less than one run where the
data say anything, so the maximum is unique, a few Newton steps away, and for separable data close
to the widest gap between the two sides.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

Array = NDArray[np.float64]

#: Inverse prior variance of the constant, which is free.
_FREE = 1e-9
#: Newton steps, halvings of a step, and the gain in log-likelihood below which to stop.
_STEPS, _HALVINGS, _ENOUGH = 100, 30, 1e-9


def fit_logistic(
    predictors: Array, hits: Array, trials: Array, ridge: float
) -> tuple[float, Array]:
    """Constant and slopes of the log odds that maximise the penalised likelihood.

    Args:
        predictors: (n, K), each column varying, without a column of ones.
        hits: (n,) successes, from 0 to ``trials``.
        trials: (n,) number of trials, positive.
        ridge: inverse prior variance of each standardised slope.

    Returns:
        The constant and the (K,) slopes.

    Example:
        >>> x = np.arange(6.0)
        >>> constant, slopes = fit_logistic(x[:, None], (x > 2.5).astype(float), np.ones(6), 0.01)
        >>> round(float(-constant / slopes[0]), 6)  # separable: the middle of the gap
        2.5
    """
    centre, scale = predictors.mean(axis=0), predictors.std(axis=0)
    design = np.column_stack([np.ones(hits.size), (predictors - centre) / scale])
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = _FREE
    beta = np.zeros(design.shape[1])

    def objective(at: Array) -> float:
        odds = design @ at
        likelihood = hits @ log_expit(odds) + (trials - hits) @ log_expit(-odds)
        return float(likelihood - 0.5 * penalty @ at**2)

    value = objective(beta)
    for _ in range(_STEPS):
        chance = expit(design @ beta)
        weight = trials * chance * (1 - chance)
        curvature = (weight[:, None] * design).T @ design + np.diag(penalty)
        step = np.linalg.solve(curvature, design.T @ (hits - trials * chance) - penalty * beta)
        for _ in range(_HALVINGS):
            candidate = objective(beta + step)
            if candidate >= value:
                break
            step /= 2
        gain, value, beta = candidate - value, candidate, beta + step
        if gain < _ENOUGH:
            break
    slopes = beta[1:] / scale
    return float(beta[0] - slopes @ centre), slopes


def log_likelihood(odds: Array, hits: Array, trials: Array) -> Array:
    """(n,) binomial log-likelihood of each row at given log odds, without the coefficient.

    Example:
        >>> log_likelihood(np.zeros(1), np.ones(1), np.array([2.0])).round(4)
        array([-1.3863])
    """
    out: Array = hits * log_expit(odds) + (trials - hits) * log_expit(-odds)
    return out
