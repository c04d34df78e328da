"""P(ŷf ≤ 0) in three dimensions on a grid of the whole sphere and all radii: slow, misses no mode.

Unlike `polar`, which refines around the nearest failure, every failing stretch of every direction
counts, so several modes and stretches that end are integrated too; down to about e^-30.
"""

from dataclasses import replace

import numpy as np
from polar import log_chi_tail
from scipy.special import logsumexp
from small_problems import batch_forward

from bofcheck.simulate import LearningRates, Problem, draw_arrays
from bofcheck.simulate.engines.direct import DirectRun

RADII = np.linspace(0.0, 9.0, 181)[1:]


def directions(count):
    """(count, 3) points of the unit sphere, each of the same area (Fibonacci)."""
    rows = np.arange(count) + 0.5
    height, turn = 1.0 - 2.0 * rows / count, np.pi * (1.0 + 5**0.5) * rows
    flat = np.sqrt(1.0 - height**2)
    return np.column_stack([flat * np.cos(turn), flat * np.sin(turn), height])


def log_failure_sphere(sign, signal, weights, noise_std, count=6_000):
    """log P of one class; edges of stretches are interpolated in the margin."""
    sphere = directions(count)
    tokens = (noise_std * RADII[:, None, None] * sphere).reshape(-1, 3)
    with np.errstate(over="ignore"):
        margin = sign * batch_forward(signal, tokens, weights).reshape(len(RADII), count)
        centre = sign * batch_forward(signal, np.zeros((1, 3)), weights)
    margin = np.vstack([np.broadcast_to(centre, (1, count)), margin])
    radii = np.concatenate([[0.0], RADII])
    fails = margin <= 0.0
    enters, leaves = ~fails[:-1] & fails[1:], fails[:-1] & ~fails[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        edges = radii[:-1, None] + np.diff(radii)[:, None] * margin[:-1] / (
            margin[:-1] - margin[1:]
        )
    # P(fail) along a direction: tails where it enters less tails where it leaves
    plus = [log_chi_tail(edges[enters])]
    if fails[0].any():
        plus.append(np.zeros(int(fails[0].sum())))
    gained = logsumexp(np.concatenate(plus)) if sum(map(len, plus)) else -np.inf
    if gained == -np.inf:
        return gained
    lost = logsumexp(log_chi_tail(edges[leaves])) if leaves.any() else -np.inf
    with np.errstate(divide="ignore"):
        return gained + np.log1p(-np.exp(min(lost - gained, 0.0))) - np.log(count)


def state(rng, kind, tokens=64):
    """A random state in three dimensions with memory of the right sign, and what it is made of.

    Args:
        rng: source of randomness.
        kind: ``"weak"`` or ``"strong"`` attention, or ``"two"``: failures on either side of a
            token that attends to itself along one direction across u.
        tokens: fresh tokens.
    """
    problem = Problem(
        n_samples=4, dim=3, key_dim=3, value_dim=1, noise_std=1.0, signal_norm=1.5,
        start="materialised", test_tokens=tokens, seed=int(rng.integers(2**40)),
    )  # fmt: skip
    arrays = draw_arrays(problem, 0)
    deep = rng.uniform(1.5, 5.0)
    u = np.array([1.0, -1.0, 0.0]) + 0.3 * rng.standard_normal(3)
    u[2] += 0.7 * rng.standard_normal()
    u[0], u[1] = max(u[0], 0.3), min(u[1], -0.3)
    noise_std = 1.5 * min(u[0], -u[1]) / (deep * np.linalg.norm(u))
    size = {"weak": 0.3, "strong": rng.uniform(1.0, 3.0), "two": 0.2}[kind]
    W_Q, W_K = size * rng.standard_normal((2, 3, 3))
    if kind == "two":
        across = np.cross(u, rng.standard_normal(3))
        across /= np.linalg.norm(across)
        strength = np.sqrt(rng.uniform(0.2, 2.0)) / noise_std
        W_Q, W_K = (
            weights + strength * np.outer(across, [1.0, 0.0, 0.0]) for weights in (W_Q, W_K)
        )
    arrays = replace(
        arrays, W_Q=W_Q, W_K=W_K, W_V=u[:, None], w_O=np.ones(1),
        test_noise=noise_std * arrays.test_noise,
    )  # fmt: skip
    run = DirectRun(problem, [arrays], LearningRates.uniform(0.0), "cpu")
    weights = {name: getattr(arrays, name) for name in ("W_Q", "W_K", "W_V", "w_O")}
    return run.snapshot(tokens), arrays, weights, noise_std


def expected(arrays, weights, noise_std):
    """log P over both classes by `log_failure_sphere`."""
    parts = [
        log_failure_sphere(sign, signal, weights, noise_std)
        for sign, signal in zip((1, -1), arrays.signals, strict=True)
    ]
    return float(np.logaddexp(*parts) - np.log(2.0))
