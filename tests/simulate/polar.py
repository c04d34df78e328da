"""P(ŷf ≤ 0) in three dimensions by polar integration: slow, and nothing shared with the estimate.

A fresh token is σ r v, with v uniform on the sphere and r chi-distributed, so P is the mean over
directions of the chi probability of the failing radii. The grid of directions is refined around
the nearest failure until the peak of P is resolved; the radii fail from the first one on.
"""

import numpy as np
from scipy.special import log_ndtr, logsumexp
from small_problems import batch_forward

RADII = np.geomspace(0.05, 2000.0, 180)


def log_chi_tail(r):
    """Log of P(chi with 3 degrees of freedom > r), -inf at inf."""
    r = np.minimum(r, 1e100)
    far = 0.5 * np.log(2.0 / np.pi) + np.log(r) - 0.5 * r**2
    return np.logaddexp(np.log(2.0) + log_ndtr(-r), far)


def first_failure(directions, sign, signal, weights, noise_std):
    """(n,) least failing radius of each direction, inf where there is none."""

    def failing(radius, rows):
        tokens = noise_std * radius[:, None] * directions[rows]
        with np.errstate(over="ignore"):
            return sign * batch_forward(signal, tokens, weights) <= 0

    low, high = np.zeros(len(directions)), np.full(len(directions), np.inf)
    for before, radius in zip(np.r_[0.0, RADII], RADII, strict=False):
        going = np.flatnonzero(np.isinf(high))
        now = going[failing(np.full(len(going), radius), going)]
        low[now], high[now] = before, radius
    met = np.flatnonzero(np.isfinite(high))
    for _ in range(30):
        middle = 0.5 * (low[met] + high[met])
        fails = failing(middle, met)
        high[met], low[met] = np.where(fails, middle, high[met]), np.where(fails, low[met], middle)
    return high


def log_failure_polar(sign, signal, weights, noise_std):
    """log P of one class."""
    rows = np.arange(12_000) + 0.5
    height, turn = 1.0 - rows / 6_000, np.pi * (1.0 + 5**0.5) * rows
    flat = np.sqrt(1.0 - height**2)
    sphere = np.column_stack([flat * np.cos(turn), flat * np.sin(turn), height])
    area, spacing, width = np.full(len(rows), 1.0 / len(rows)), 0.03, 0.5
    while True:
        radii = first_failure(sphere, sign, signal, weights, noise_std)
        if radii.min() * spacing < 0.2:
            return logsumexp(log_chi_tail(radii) + np.log(area))
        centre = sphere[np.argmin(radii)]
        across = np.linalg.svd(centre[None])[2][1:]
        spacing = width / 45.0
        steps = spacing * (np.arange(91) - 45.0)
        x, y = (grid.ravel() for grid in np.meshgrid(steps, steps))
        lengths = np.sqrt(1.0 + x**2 + y**2)
        sphere = (centre + np.column_stack([x, y]) @ across) / lengths[:, None]
        area, width = spacing**2 / lengths**3 / (4.0 * np.pi), width / 4.0
