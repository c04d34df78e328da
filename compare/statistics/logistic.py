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


def fit_resampled(
    predictors: Array, hits: Array, trials: Array, drawn: NDArray[np.integer], ridge: float
) -> Array:
    """The slopes of `fit_logistic` in many samples of the same rows, all at once.

    Args:
        predictors: (n, K), each column varying in each sample.
        hits: (n,) successes, from 0 to ``trials``.
        trials: (n,) number of trials, positive.
        drawn: (B, m) the rows of each sample.
        ridge: inverse prior variance of each standardised slope.

    Returns:
        (B, K) slopes.

    Example:
        >>> x = np.arange(6.0)
        >>> drawn = np.array([[0, 1, 2, 3, 4, 5], [0, 0, 2, 3, 5, 5]])
        >>> fit_resampled(x[:, None], (x > 2.5).astype(float), np.ones(6), drawn, 0.01).round(2)
        array([[4.11],
               [3.51]])
        >>> fit_logistic(x[:, None], (x > 2.5).astype(float), np.ones(6), 0.01)[1].round(2)
        array([4.11])
    """
    x, y, m = predictors[drawn], hits[drawn], trials[drawn]
    centre, scale = x.mean(axis=1, keepdims=True), x.std(axis=1, keepdims=True)
    design = np.concatenate([np.ones((*drawn.shape, 1)), (x - centre) / scale], axis=2)
    penalty = np.full(design.shape[2], ridge)
    penalty[0] = _FREE

    def objective(samples: NDArray[np.intp], at: Array) -> Array:
        odds = np.einsum("bnk,bk->bn", design[samples], at)
        return np.asarray(log_likelihood(odds, y[samples], m[samples]).sum(axis=1)
                          - 0.5 * at**2 @ penalty)  # fmt: skip

    beta = np.zeros((len(drawn), penalty.size))
    active = np.arange(len(drawn))
    value = objective(active, beta)
    for _ in range(_STEPS):
        here, at = design[active], beta[active]
        chance = expit(np.einsum("bnk,bk->bn", here, at))
        weight = m[active] * chance * (1 - chance)
        curvature = np.swapaxes(weight[..., None] * here, 1, 2) @ here + np.diag(penalty)
        slope = np.einsum("bnk,bn->bk", here, y[active] - m[active] * chance) - penalty * at
        step = np.linalg.solve(curvature, slope[..., None])[..., 0]
        candidate = objective(active, at + step)
        for _ in range(_HALVINGS - 1):
            worse = np.flatnonzero(candidate < value[active])
            if not worse.size:
                break
            step[worse] /= 2
            candidate[worse] = objective(active[worse], at[worse] + step[worse])
        gain = candidate - value[active]
        value[active], beta[active] = candidate, at + step
        active = active[gain >= _ENOUGH]
        if not active.size:
            break
    return np.asarray(beta[:, 1:] / scale[:, 0])


def log_likelihood(odds: Array, hits: Array, trials: Array) -> Array:
    """(n,) binomial log-likelihood of each row at given log odds, without the coefficient.

    Example:
        >>> log_likelihood(np.zeros(1), np.ones(1), np.array([2.0])).round(4)
        array([-1.3863])
    """
    out: Array = hits * log_expit(odds) + (trials - hits) * log_expit(-odds)
    return out
