"""log P(ŷf ≤ 0) by two tilts: against polar integration, many draws and each other."""

import math
from dataclasses import fields, replace

import numpy as np
import pytest
from polar import log_failure_polar
from scipy.stats import kstest
from test_failure_probability import trained_run

from bofcheck.simulate import LearningRates, Problem
from bofcheck.simulate.engines.direct import DirectRun
from bofcheck.simulate.engines.span import ENGINE
from bofcheck.simulate.initialization import draw_reduced
from bofcheck.simulate.rare_error import log_failure
from bofcheck.simulate.snapshot import TailFrame

SMALL = Problem(
    n_samples=6, dim=3, key_dim=4, value_dim=5, signal_norm=1.5, noise_std=0.5,
    init_std_qk=0.5, init_std_v=0.2, learning_rate=0.1, test_tokens=2000, start="materialised",
)  # fmt: skip
#: d_h = 10,000 beside 48 trained key directions: most of a token's own logit is its own.
WIDE = Problem(
    n_samples=20, dim=10**6, key_dim=10_000, noise_std=1e-3, flip_prob=0.1, learning_rate=0.05,
    init_std_qk=0.008, init_std_v=0.01, test_tokens=16_000, test_draw="resampled",
)  # fmt: skip


def quieter(problem, arrays, weights, noise_std):
    """The state of a trained run that meets fresh tokens of another size."""
    noise = arrays.test_noise * (noise_std / problem.noise_std)
    moved = replace(arrays, test_noise=noise, **weights)
    run = DirectRun(problem, [moved], LearningRates.uniform(0.0), "cpu")
    return run.snapshot(problem.test_tokens)


def wide_run(steps):
    run = ENGINE.start(WIDE, range(3), None, LearningRates.uniform(WIDE.learning_rate), "cpu")
    run.advance(steps)
    return run


@pytest.mark.parametrize(("run", "noise_std"), [(0, 0.15), (1, 0.1), (0, 0.02), (1, 0.005)])
def test_polar_integration_agrees(run, noise_std):
    """From e^-3 over 1e-15 down to e^-10,000, through the attention in run 0."""
    _, arrays, weights = trained_run(SMALL, run, 150)
    found = log_failure(quieter(SMALL, arrays, weights, noise_std), noise_std)
    parts = [
        log_failure_polar(sign, signal, weights, noise_std)
        for sign, signal in zip((1, -1), arrays.signals, strict=True)
    ]
    expected = np.logaddexp(*parts) - math.log(2.0)
    assert found.relative_error[0] < 0.1
    # 5 sigma, false alarm 6e-7 a case; 3 % for the grid of the integration
    assert abs(found.log_prob[0] - expected) < 5 * found.relative_error[0] + 0.03
    if noise_std == 0.005:
        assert expected < -10_000


def test_the_tilt_along_u_alone_misses_failures_through_the_attention():
    _, arrays, weights = trained_run(SMALL, 0, 150)
    snapshot = quieter(SMALL, arrays, weights, 0.02)
    both = log_failure(snapshot, 0.02)
    along_u = log_failure(replace(snapshot, tail=None), 0.02)
    # polar integration gives -53.60 (above), 0.4 % by its own error; e^-1 and more are missed
    assert abs(both.log_prob[0] - -53.60) < 0.05
    assert along_u.log_prob[0] < both.log_prob[0] - 1.0
    assert both.tilt_gap[0] < -1.0


def test_two_thousand_draws_reach_ten_percent_at_1e_9():
    run = wide_run(18)
    few, many = (log_failure(run.snapshot(draws), WIDE.noise_std) for draws in (2_000, 16_000))
    assert ((few.log_prob < math.log(1e-7)) & (few.log_prob > math.log(1e-15))).any()
    assert (few.relative_error < 0.1).all()
    # errors of a log P this well known are normal: 5 sigma of both, false alarm 6e-7 a run
    error = np.hypot(few.relative_error, many.relative_error)
    assert (np.abs(few.log_prob - many.log_prob) < 5 * error).all()
    # here u decides nearly alone, and the tilts agree
    assert (np.abs(many.tilt_gap) < 0.1).all()


def test_two_thousand_draws_reach_one_percent_of_log_p_at_e_10000():
    run = wide_run(12_000)
    few, many = (log_failure(run.snapshot(draws), WIDE.noise_std) for draws in (2_000, 16_000))
    assert few.log_prob.min() < -8_000
    assert (np.abs(few.log_prob / many.log_prob - 1) < 0.01).all()
    # the point of the frame most likely to fail bounds log P from above, up to its curvature
    assert (np.abs(few.log_prob / (-0.5 * few.distance.min(axis=1) ** 2) - 1) < 0.02).all()
    # the tilt along u alone is off by a large factor in log P
    assert (few.tilt_gap < 0.1 * few.log_prob).all()


@pytest.mark.parametrize("noise", ["isotropic", "orthogonal"])
def test_frame_moves_a_token(noise):
    """The frame predicts V and every logit of tokens really moved along its directions."""
    problem = SMALL.replace(dim=9, test_tokens=5, noise=noise, train_output=True)
    snapshot, arrays, weights = trained_run(problem, 0, 15)
    signals, tail = arrays.signals, snapshot.tail
    queries, keys = signals @ weights["W_Q"], signals @ weights["W_K"]
    u = weights["W_V"] @ weights["w_O"]
    tokens = np.vstack([signals, arrays.noise])
    seen = (tokens @ u / (tokens**2).sum(axis=1)) @ tokens
    directions = [u, *(queries @ weights["W_K"].T), *(keys @ weights["W_Q"].T)]
    directions += [*(queries @ weights["W_Q"].T), *(keys @ weights["W_K"].T)]
    directions += [
        weights["W_Q"] @ (seen @ weights["W_K"]),
        weights["W_K"] @ (seen @ weights["W_Q"]),
    ]
    for j, direction in enumerate(directions):
        if noise == "orthogonal":
            direction = direction - (signals @ direction) @ signals / problem.signal_norm**2
        s = 0.3
        moved = replace(arrays, test_noise=arrays.test_noise + s * direction, **weights)
        after = DirectRun(problem, [moved], LearningRates.uniform(0.0), "cpu").snapshot()
        square = s**2 * tail.own[:, j, j, None]
        for name, change in {
            "test_values": s * tail.gram[:, 0, j, None],
            "test_signal_query": s * tail.gram[:, None, 1:3, j],
            "test_noise_query": s * tail.gram[:, None, 3:5, j],
            "test_noise_self": s * tail.first[:, :, j] + square,
        }.items():
            np.testing.assert_allclose(
                getattr(after, name), getattr(snapshot, name) + change, rtol=1e-10, atol=1e-11
            )
        np.testing.assert_allclose(
            after.tail.first[:, :, :-1] - tail.first[:, :, :-1],
            np.broadcast_to(2 * s * tail.own[:, None, j, :-1], tail.first[:, :, :-1].shape),
            rtol=1e-9, atol=1e-10,
        )  # fmt: skip


@pytest.mark.parametrize("test_draw", ["joint", "resampled"])
def test_a_tokens_own_number_is_normal_and_moves_its_logit_alone(test_draw):
    problem = Problem(n_samples=2, dim=4000, key_dim=40, test_tokens=16, test_draw=test_draw)
    starts = [draw_reduced(problem, run) for run in range(150)]
    draws = np.concatenate([start.test_own_draw for start in starts])
    slopes = np.concatenate([start.test_own_slope for start in starts])
    cross = np.concatenate([start.test_cross for start in starts])
    assert kstest(draws, "norm").pvalue > 1e-6
    # what is left without it is uncorrelated with it: 5 sigma of 2,400 draws, false alarm 6e-7
    rest = cross - slopes * draws
    assert abs(np.corrcoef(rest, draws)[0, 1]) < 5 / math.sqrt(draws.size)
    assert np.corrcoef(cross, slopes * draws)[0, 1] > 0.3


def test_more_memory_fails_less():
    run = wide_run(18)
    shot = run.snapshot(256)
    logs = [
        log_failure(replace(shot, signal_values=factor * shot.signal_values), WIDE.noise_std)
        for factor in (0.8, 1.0, 1.3, 2.0)
    ]
    assert (np.diff([one.log_prob for one in logs], axis=0) < -1.0).all()


def test_an_unaimed_frame_says_what_the_line_says():
    """Directions of no length but u's: the frame adds nothing."""
    snapshot, *_ = trained_run(SMALL.replace(test_tokens=40), 0, 20)
    tail = snapshot.tail
    bare = {field.name: getattr(tail, field.name).copy() for field in fields(TailFrame)}
    for name in ("gram", "own"):
        bare[name][:, 1:, 1:] = 0.0
    plain = log_failure(replace(snapshot, tail=TailFrame(**bare)), SMALL.noise_std)
    line = log_failure(replace(snapshot, tail=None), SMALL.noise_std)
    np.testing.assert_allclose(plain.log_prob, line.log_prob, rtol=1e-9)
    np.testing.assert_allclose(plain.tilt_gap, line.tilt_gap, atol=1e-9)
