"""log P(ŷf ≤ 0) against counting, a closed form and a slow twin on a grid."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import log_ndtr, logsumexp
from scipy.stats import norm
from small_problems import batch_forward

from bofcheck.simulate import LearningRates, Problem, draw_arrays, train
from bofcheck.simulate.engines.direct import DirectRun
from bofcheck.simulate.rare_error import log_failure

BASE = Problem(
    n_samples=6, dim=8, key_dim=4, value_dim=5, signal_norm=1.5, noise_std=0.5, flip_prob=0.1,
    init_std_qk=0.5, init_std_v=0.2, learning_rate=0.3, test_tokens=64, start="materialised",
)  # fmt: skip


def trained_run(problem, run, steps):
    """The direct engine's run after some steps, and its start."""
    arrays = draw_arrays(problem, run)
    started = DirectRun(problem, [arrays], LearningRates.uniform(problem.learning_rate), "cpu")
    started.advance(steps)
    weights = {name: value.detach().numpy() for name, value in started.models[0].weights.items()}
    return started.snapshot(), arrays, weights


@pytest.mark.parametrize("noise", ["isotropic", "orthogonal"])
@pytest.mark.parametrize("steps", [0, 5, 30])
def test_counting_agrees(noise, steps):
    problem = BASE.replace(noise=noise, init_std_qk=0.3, noise_std=1.0)
    snapshot, arrays, weights = trained_run(problem, 1, steps)
    found = log_failure(snapshot, problem.noise_std)
    rng = np.random.default_rng(5)
    tokens = problem.noise_std * rng.standard_normal((400_000, problem.dim))
    if noise == "orthogonal":
        tokens[:, :2] = 0.0
    failed = [
        np.mean(sign * batch_forward(signal, tokens, weights) <= 0)
        for sign, signal in zip((1, -1), arrays.signals, strict=True)
    ]
    counted = float(np.mean(failed))
    assert counted > 1e-4
    # both errors are near normal: 5 sigma, false alarm 6e-7 a case
    error = math.hypot(math.sqrt(counted / 400_000), counted * found.relative_error[0])
    assert abs(math.exp(found.log_prob[0]) - counted) < 5 * error


@pytest.mark.parametrize("noise", ["isotropic", "orthogonal"])
@pytest.mark.parametrize("noise_std", [1.0, 0.3, 0.1, 0.02, 0.003])
def test_uniform_attention_has_a_closed_form(noise, noise_std):
    """P = ½[Φ(-V₊/(σ_p‖u‖)) + Φ(V₋/(σ_p‖u‖))], here down to e^-100,000 and beyond."""
    problem = BASE.replace(
        init_std_qk=0.0, noise_std=noise_std, noise=noise, init_std_v=0.05, test_tokens=8
    )
    trajectory = train(problem, seeds=3, steps=60, log_at=[0, 5, 20])
    u_norm = trajectory["value_norm"]
    if noise == "orthogonal":  # the fresh noise sees u without its signal components
        along = (trajectory["v_plus"] ** 2 + trajectory["v_minus"] ** 2) / problem.signal_norm**2
        u_norm = np.sqrt(u_norm**2 - along)
    scale = noise_std * u_norm
    parts = [log_ndtr(-trajectory["v_plus"] / scale), log_ndtr(trajectory["v_minus"] / scale)]
    expected = logsumexp(parts, axis=0) - math.log(2.0)
    np.testing.assert_allclose(trajectory["log_failure_prob"], expected, rtol=1e-9, atol=1e-10)
    # every token has the same line integral, so the estimate has no spread
    assert (trajectory["failure_prob_error"] < 1e-6).all()
    if noise_std == 0.003:
        assert expected.min() < -1e4


def on_a_grid(problem, arrays, weights):
    """log P by moving each token along u over a dense grid of the model itself."""
    u = weights["W_V"] @ weights["w_O"]
    if problem.noise == "orthogonal":
        u = u - sum(signal * (signal @ u) / (signal @ signal) for signal in arrays.signals)
    along = u / np.linalg.norm(u)
    # cells of 2.5e-4 standard units: the edge of a tail at z is off by at most z * 2.5e-4 of it
    edges = np.linspace(-9.0, 9.0, 72_001)
    centres = 0.5 * (edges[1:] + edges[:-1])
    cells = np.where(
        centres > 0, norm.sf(edges[:-1]) - norm.sf(edges[1:]), np.diff(norm.cdf(edges))
    )
    shares = []
    for token in arrays.test_noise:
        across = token - (token @ along) * along
        line = across + problem.noise_std * centres[:, None] * along
        shares.append(
            np.mean(
                [
                    cells[sign * batch_forward(signal, line, weights) <= 0].sum()
                    for sign, signal in zip((1, -1), arrays.signals, strict=True)
                ]
            )
        )
    return math.log(np.mean(shares))


@pytest.mark.parametrize("noise", ["isotropic", "orthogonal"])
@pytest.mark.parametrize(("init_std_qk", "noise_std"), [(0.3, 0.3), (1.0, 0.5), (0.7, 1.5)])
@pytest.mark.parametrize("steps", [0, 40])
def test_slow_twin_agrees(noise, init_std_qk, noise_std, steps):
    """Strong initial attention bends the margin along the line: several roots, both signs."""
    problem = BASE.replace(
        noise=noise, init_std_qk=init_std_qk, noise_std=noise_std, learning_rate=0.1,
        test_tokens=8,
    )  # fmt: skip
    for run in range(3):
        snapshot, arrays, weights = trained_run(problem, run, steps)
        along_u = log_failure(replace(snapshot, tail=None), problem.noise_std).log_prob[0]
        assert abs(along_u - on_a_grid(problem, arrays, weights)) < 2e-3


def test_line_coefficients_move_a_token():
    """`line_*` predict V and every logit of tokens really moved along u."""
    problem = BASE.replace(test_tokens=5)
    snapshot, arrays, weights = trained_run(problem, 0, 15)
    u = weights["W_V"] @ weights["w_O"]
    s = 0.37
    moved = replace(arrays, test_noise=arrays.test_noise + s * u / np.linalg.norm(u), **weights)
    rates = LearningRates.uniform(0.0)
    after = DirectRun(problem, [moved], rates, "cpu").snapshot()
    first, second = snapshot.line_self_first, snapshot.line_self_second
    for name, change in {
        "test_values": snapshot.line_values[:, None],
        "test_signal_query": snapshot.line_signal_query[:, None, :],
        "test_noise_query": snapshot.line_noise_query[:, None, :],
        "test_noise_self": first + s * second[:, None],
    }.items():
        np.testing.assert_allclose(
            getattr(after, name), getattr(snapshot, name) + s * change, rtol=1e-11, atol=1e-12
        )


def test_no_memory_at_all_always_fails():
    """W_V = 0 gives f = 0 exactly, and ŷf ≤ 0 is certain."""
    problem = BASE.replace(init_std_v=0.0)
    trajectory = train(problem, seeds=2, steps=1, log_at=[0])
    assert trajectory["log_failure_prob"][:, 0].tolist() == [0.0, 0.0]
    assert trajectory["test_error"][:, 0].tolist() == [1.0, 1.0]
