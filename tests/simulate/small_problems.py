"""Small random problems, and the model written out by hand in numpy."""

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st

from bofcheck.simulate import InitialArrays, LearningRates, Problem, draw_arrays


@dataclass(frozen=True)
class Case:
    problem: Problem
    arrays: InitialArrays
    rates: LearningRates


@st.composite
def cases(draw):
    """Problems whose gradient descent contracts, so that rounding errors do not grow.

    The step size is a share of the inverse curvature of the loss in W_V and w_O,
    (mu^2 + sigma_p^2 d)(w^2 + sigma_V^2 d_v)/4, which keeps every step stable. Beyond twice
    the inverse curvature the dynamics is chaotic and no two roundings agree for long.
    """
    trained = draw(st.booleans())
    noise = draw(st.sampled_from(["isotropic", "orthogonal"]))
    dim = draw(st.integers(3 if noise == "orthogonal" else 2, 12))
    value_dim = draw(st.integers(1, 12))
    problem = Problem(
        n_samples=draw(st.integers(1, 8)),
        dim=dim,
        key_dim=draw(st.integers(1, 24)),
        value_dim=value_dim,
        signal_norm=draw(st.floats(0.5, 3.0)),
        noise_std=draw(st.floats(0.1, 1.0)),
        flip_prob=draw(st.sampled_from([0.0, 0.1, 0.4])),
        init_std_qk=draw(st.floats(0.01, 0.4)),
        init_std_v=draw(st.floats(0.001, 0.5)),
        output_norm=draw(st.floats(0.3, 2.0)),
        noise=noise,
        init=draw(st.sampled_from(["gaussian", "torch-default"])),
        train_output=trained,
        start="materialised",
        test_tokens=16,
        seed=draw(st.integers(0, 2**32)),
    )
    scale = problem.signal_norm**2 + problem.noise_std**2 * dim
    curvature = scale * (problem.output_norm**2 + problem.init_std_v**2 * value_dim + 1.0)
    shares = draw(st.tuples(*[st.floats(0.1, 1.0)] * 3))
    rates = LearningRates(*(share / curvature for share in shares))
    return Case(problem, draw_arrays(problem, run=0), rates)


def weights_of(arrays):
    return {name: getattr(arrays, name) for name in ("W_Q", "W_K", "W_V", "w_O")}


def with_weights(arrays, weights):
    return replace(arrays, **weights)


def forward(signal, noise, weights):
    """f of one sample and its attention on the signal per query, token by token."""
    tokens = (signal, noise)
    total, masses = 0.0, []
    for query in tokens:
        logits = [query @ weights["W_Q"] @ (key @ weights["W_K"]) for key in tokens]
        shares = np.exp(np.array(logits) - max(logits))
        shares = shares / shares.sum()
        masses.append(shares[0])
        total += sum(
            share * (token @ weights["W_V"] @ weights["w_O"])
            for share, token in zip(shares, tokens, strict=True)
        )
    return total / 2.0, masses


def train_loss(arrays, weights):
    """L_S by its definition, sample by sample."""
    losses = []
    for n, true in enumerate(arrays.labels.true):
        f, _ = forward(arrays.signals[0 if true > 0 else 1], arrays.noise[n], weights)
        losses.append(np.logaddexp(0.0, -arrays.labels.observed[n] * f))
    return float(np.mean(losses))


def batch_forward(signal, noise, weights):
    """f for one signal and many noise tokens (m, d), vectorised."""
    signal_q, signal_k = signal @ weights["W_Q"], signal @ weights["W_K"]
    noise_q, noise_k = noise @ weights["W_Q"], noise @ weights["W_K"]
    u = weights["W_V"] @ weights["w_O"]
    by_signal = 1.0 / (1.0 + np.exp(noise_k @ signal_q - signal_q @ signal_k))
    by_noise = 1.0 / (1.0 + np.exp(np.sum(noise_q * noise_k, axis=1) - noise_q @ signal_k))
    mass = by_signal + by_noise
    return 0.5 * (mass * (signal @ u) + (2.0 - mass) * (noise @ u))
