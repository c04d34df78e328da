"""Runs that are their own limit: orthogonal tokens and weights, trained by any engine."""

import numpy as np

from bofcheck.simulate import InitialArrays, Problem
from bofcheck.simulate.data.signal_noise import Labels


def orthogonal_problem(n_samples, **changes):
    """A problem whose N + 2 tokens fill its dimension exactly."""
    dim = n_samples + 2
    return Problem(
        **{
            "n_samples": n_samples,
            "dim": dim,
            "key_dim": 2 * dim,
            "value_dim": 2,
            "noise_std": 0.8 / np.sqrt(dim),
            "signal_norm": 1.3,
            "learning_rate": 0.4,
            "init_std_qk": 0.9 / np.sqrt(2 * dim),
            "init_std_v": 0.0,
            "output_norm": 1.4,
            "test_tokens": 4,
            **changes,
        }
    )


def widened(problem):
    """The same problem at a d_h of which its Gaussian start would be as orthogonal."""
    return problem.replace(
        key_dim=10**12, init_std_qk=problem.init_std_qk * np.sqrt(problem.key_dim) * 1e-6,
        start="sampled",
    )  # fmt: skip


def orthogonal_arrays(problem, types, memory=(0.0, 0.0)):
    """Tokens along the axes, queries and keys of length σ_h√d_h √token along axes of their own.

    Value vectors have axes of their own, too, besides V along w_O, unless init_std_v is 0.

    Args:
        types: kept and flipped labels of class + and of class -.
        memory: V_+(0) and V_-(0).
    """
    dim = problem.dim
    classes = zip((1, 1, -1, -1), (1, -1, -1, 1), np.ravel(types), strict=True)
    signs = [(true, label) for true, label, count in classes for _ in range(count)]
    true, observed = np.array(signs).T
    tokens = np.diag([problem.signal_norm] * 2 + [problem.noise_std * np.sqrt(dim)] * (dim - 2))
    length = problem.init_std_qk * np.sqrt(problem.key_dim)
    axes = length * np.eye(2 * dim)
    values = np.zeros((dim, problem.value_dim))
    if problem.init_std_v:
        across = problem.init_std_v * np.sqrt(problem.value_dim - 1)
        values[np.arange(dim), 1 + np.arange(dim)] = across
    values[:2, 0] = np.array(memory) / (problem.signal_norm * problem.output_norm)
    output = np.zeros(problem.value_dim)
    output[0] = problem.output_norm
    test = np.resize([1, -1], problem.test_tokens)
    return InitialArrays(
        tokens[:2], tokens[2:], np.zeros((problem.test_tokens, dim)), axes[:dim], axes[dim:],
        values, output, Labels(true, observed, test, test),
    )  # fmt: skip
