"""Fresh samples in the limit: their outputs f and the mean loss.

A fresh sample of class z has z f = a + b g with g standard normal,
a = (σ(A)+½) z V_z/2 and b = (3/2-σ(A)) τ/2: its own logits vanish in the limit, so that only the
signal's logit A on itself is left, and its noise token has V' ~ N(0, τ²).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfcx, ndtr

from ..models.attention import logistic
from ..observables import softplus

Array = NDArray[np.float64]

#: Up to this spread of f, nodes of Gauss and Hermite resolve log(1+e^-f) to 1e-14.
_NARROW = 1.0
_HERMITE = np.polynomial.hermite_e.hermegauss(60)
#: Nodes for log(1+e^-m) on 0 < m < 40, beyond which it is e^-m to 17 digits.
_PANELS, _FAR = 16, 40.0
_LEGENDRE = np.polynomial.legendre.leggauss(12)


def margin(logit: Array, memory: Array, spread: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of z f over fresh samples of class z.

    Args:
        logit: A, of the signal token on itself.
        memory: z V_z.
        spread: τ.

    >>> margin(np.zeros(1), np.ones(1), np.ones(1))
    (array([0.5]), array([0.5]))
    """
    at, off = logistic(logit), logistic(-logit)
    return (at + 0.5) * memory / 2, (off + 0.5) * spread / 2


def mean_loss(mean: Array, std: Array) -> Array:
    """E log(1 + exp(-(mean + std g))), g standard normal.

    Where the spread is large, log(1+e^-m) = max(-m, 0) + log(1+e^-|m|): the first has a closed
    form, and the second is integrated over its own width, with e^-|m| beyond it.

    Args:
        mean: any shape.
        std: of the same shape, 0 or more.

    >>> mean_loss(np.array([0.0, 0.0, -900.0]), np.array([0.0, 1e3, 1.0])).round(6).tolist()
    [0.693147, 398.942937, 900.0]
    """
    mean, std = np.broadcast_arrays(mean, std)
    out = np.empty(mean.shape)
    narrow = ~(std > _NARROW)
    nodes, weights = _HERMITE
    points = mean[narrow][:, None] + std[narrow][:, None] * nodes
    out[narrow] = softplus(-points) @ (weights / weights.sum())
    out[~narrow] = _wide(mean[~narrow], std[~narrow])
    return out


def _wide(mean: Array, std: Array) -> Array:
    edges = _FAR * (np.arange(_PANELS + 1) / _PANELS) ** 2
    half = np.diff(edges) / 2
    points = ((edges[:-1] + half)[:, None] + half[:, None] * _LEGENDRE[0]).ravel()
    weights = (half[:, None] * _LEGENDRE[1]).ravel() * np.log1p(np.exp(-points))
    share = mean / std
    density = np.exp(-0.5 * share**2) / np.sqrt(2 * np.pi)
    linear = std * density - mean * ndtr(-share)
    peaked = np.zeros_like(mean)
    for point, weight in zip(points, weights, strict=True):
        for side in (point, -point):
            peaked += weight * np.exp(-0.5 * ((side - mean) / std) ** 2)
    beyond = _exponential_beyond(mean, std) + _exponential_beyond(-mean, std)
    return np.asarray(linear + peaked / (std * np.sqrt(2 * np.pi)) + beyond)


def _exponential_beyond(mean: Array, std: Array) -> Array:
    """E e^-x over x > 40 alone, x normal; in the form that does not cancel."""
    distance = (_FAR - mean + std**2) / std
    scaled = (
        np.exp(-_FAR - 0.5 * ((_FAR - mean) / std) ** 2)
        * erfcx(np.maximum(distance, 0.0) / np.sqrt(2))
        / 2
    )
    whole = np.exp(np.minimum(std**2 / 2 - mean, 0.0)) * ndtr(-distance)
    return np.asarray(np.where(distance > 0, scaled, whole))
