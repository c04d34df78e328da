"""The sampled start has the law of the materialised one, at the start and after training.

Both are put through the span engine, whose materialised path is tested against autograd, and
their snapshots compared scalar by scalar, with products of entries for the joint law: about 800
two-sample Kolmogorov-Smirnov tests at p > 1e-6 each and 200 Welch tests on log sizes averaged
over tokens at 5 sigma (6e-7). Over the choice of seeds they would raise a false alarm once in
1,000. Dimensions are small, so that one degree of freedom too few or too many shows.
"""

import numpy as np
import pytest
from scipy.stats import ks_2samp, ttest_ind

from bofcheck.simulate import LearningRates, Problem
from bofcheck.simulate.engines.span.run import SpanRun
from bofcheck.simulate.initialization import draw_arrays, draw_reduced, project
from bofcheck.simulate.observables import observe_quantities

RUNS = 2000
LEVEL = 1e-6

#: name -> changes of the problem; n = N + 2 = 5 tokens, so 2n = 10 key directions.
REGIMES = {
    "d > n, d_h > 2n": {"dim": 12, "key_dim": 14},
    "one spare axis of each kind": {"n_samples": 1, "dim": 5, "key_dim": 7},
    "d > n, d_h < 2n": {"dim": 9, "key_dim": 3},
    "d < n": {"dim": 4, "key_dim": 11},
    "d < n, w_O trained": {"dim": 3, "key_dim": 4, "train_output": True, "value_dim": 6},
    "w_O trained, d_v > n": {"dim": 11, "key_dim": 12, "train_output": True, "value_dim": 9},
    "w_O trained, d_v = 2": {
        "dim": 8, "key_dim": 5, "train_output": True, "value_dim": 2, "init_std_v": 1.0,
    },
    "orthogonal": {"dim": 8, "key_dim": 12, "noise": "orthogonal"},
    "orthogonal, d < n, w_O trained": {
        "dim": 4, "key_dim": 2, "noise": "orthogonal", "train_output": True, "value_dim": 3,
    },
}  # fmt: skip

BASE = Problem(
    n_samples=3, dim=10, key_dim=4, value_dim=3, signal_norm=1.5, noise_std=0.7, flip_prob=0.2,
    init_std_qk=0.4, init_std_v=0.3, output_norm=1.2, test_tokens=3, learning_rate=0.3, seed=1,
)  # fmt: skip


def scalars(problem):
    """name -> (RUNS,) draws of one number each."""
    if problem.start == "sampled":
        starts = [draw_reduced(problem, run) for run in range(RUNS)]
    else:
        starts = [project(draw_arrays(problem, run), problem.train_output) for run in range(RUNS)]
    gram = np.stack([start.gram for start in starts])
    test_gram = np.stack([start.test_gram for start in starts])
    found = {
        "gram noise-noise": gram[:, 2, 2],
        "gram cross": gram[:, 2, -1],
        "gram signal-noise": gram[:, 0, 2],
        "gram determinant": np.linalg.det(gram[:, 2:, 2:]),
        "noise norms": gram[:, 2, 2] * gram[:, -1, -1],
        "test gram": test_gram[:, 0, 2],
        "test gram signal": test_gram[:, 0, 1],
        "test gram joint": test_gram[:, 0, 2] * test_gram[:, 1, 2],
        "test gram with gram": test_gram[:, 0, 2] * test_gram[:, 0, -1] * gram[:, 2, -1],
    }
    if problem.dim >= problem.n_samples + 2:  # else the span itself is a matter of the frame
        test, line, both = (
            np.stack([getattr(start, name) for start in starts])
            for name in ("test_cross", "line_cross", "test_line_cross")
        )
        found |= {
            "test cross": test[:, 0],
            "line cross": line[:, 0, 0],
            "test line cross": both[:, 0, 0],
            "all crosses": test[:, 0] * line[:, 0, 0] * both[:, 0, 0] ** 2,
        } | {f"size of {name}": _size(x) for name, x in {"test cross": test, "both": both}.items()}
    run = SpanRun(problem, starts, LearningRates.uniform(problem.learning_rate))
    for when in ("start", "later"):
        if when == "later":
            run.advance(20)
        shot = run.snapshot()
        found |= {f"{name}, {when}": values for name, values in _of_snapshot(shot).items()}
        found |= {f"{name}, {when}": values for name, values in _of_frame(shot.tail).items()}
        logged = observe_quantities(shot, problem, run.labels)
        for name in ("train_loss", "test_loss", "log_failure_prob", "attention_test", "v_plus"):
            found[f"{name}, {when}"] = logged[name]
    return found


def _of_snapshot(shot):
    noise_v, test_v, own = shot.noise_values, shot.test_values, shot.test_noise_self
    return {
        "signal gap": shot.signal_gap[:, 0],
        "noise gap": shot.noise_gap[:, 0],
        "gaps": shot.signal_gap[:, 0] * shot.noise_gap[:, -1],
        "signal value": shot.signal_values[:, 0],
        "noise value": noise_v[:, 0],
        "noise values": noise_v[:, 0] * noise_v[:, -1],
        "value norm": shot.value_norm,
        "output norm": shot.output_norm,
        "signal logit": shot.signal_logit[:, 0],
        "test value": test_v[:, 0],
        "test values": test_v[:, 0] * test_v[:, 1],
        "test and noise value": test_v[:, 0] * noise_v[:, 0],
        "signal query": shot.test_signal_query[:, 0, 0],
        "signal queries": shot.test_signal_query[:, 0, 0] * shot.test_signal_query[:, 1, 1],
        "noise query": shot.test_noise_query[:, 0, 0],
        "noise queries": shot.test_noise_query[:, 0, 1] * shot.test_noise_query[:, 1, 1],
        "noise self": own[:, 0],
        "noise selves": own[:, 0] * own[:, 1],
        "self and value": own[:, 0] * test_v[:, 0],
        "line signal query": shot.line_signal_query[:, 0],
        "line noise query": shot.line_noise_query[:, 1],
        "line first": shot.line_self_first[:, 0],
        "line firsts": shot.line_self_first[:, 0] * shot.line_self_first[:, 1],
        "line first and self": shot.line_self_first[:, 0] * own[:, 0] * test_v[:, 0],
        "line second": shot.line_self_second,
        "line value": shot.line_values,
        "size of noise self": _size(own),
        "size of line first": _size(shot.line_self_first),
        "size of line second": _size(shot.line_self_second),
        "size of test value": _size(test_v),
        "size of output norm": _size(shot.output_norm),
    }


def _of_frame(tail):
    """Frame entries that hold weights beyond the tokens' span, one by one and together."""
    gram, own, along, first = tail.gram, tail.own, tail.along, tail.first
    return {
        "frame gram with itself": gram[:, 1, 1] * gram[:, 5, 5],
        "frame gram": gram[:, 1, 5] * gram[:, 3, 8],
        "frame gram with u": gram[:, 0, 9] * gram[:, 2, 7],
        "frame own": own[:, 1, 5],
        "frame owns": own[:, 3, 7] * own[:, 5, 10] * own[:, 0, 2],
        "frame along": along[:, 0, 5] * along[:, 1, 5],
        "frame along with gram": along[:, 0, 7] ** 2 / (gram[:, 7, 7] + 1e-300),
        "frame first": first[:, 0, 1],
        "frame firsts": first[:, 0, 5] * first[:, 1, 5],
        "frame first with own": first[:, 0, 3] * own[:, 3, 3] * along[:, 0, 7],
    }


def _size(values):
    """Mean log size over everything but the runs; 1e-30 stands for exact zeros."""
    return np.log(np.abs(values.reshape(RUNS, -1)) + 1e-30).mean(axis=1)


#: Three regimes have all kinds of axes between them; the rest take a minute.
IN_EVERY_RUN = ("d > n, d_h > 2n", "orthogonal, d < n, w_O trained")
SPARED = [
    name if name in IN_EVERY_RUN else pytest.param(name, marks=pytest.mark.slow) for name in REGIMES
]


@pytest.mark.parametrize("regime", SPARED)
def test_sampled_and_materialised_starts_have_one_law(regime):
    problem = BASE.replace(**REGIMES[regime])
    sampled = scalars(problem)
    materialised = scalars(problem.replace(start="materialised"))
    assert sampled.keys() == materialised.keys()
    for name, values in sampled.items():
        other = materialised[name]
        assert not np.isnan(values).any(), name
        # a line along which no token fails has log-probability -inf: far below all others
        values, other = np.maximum(values, -1e9), np.maximum(other, -1e9)
        if np.ptp(other) <= 1e-9 * np.abs(other).max():  # a constant, such as a frozen norm
            np.testing.assert_allclose(values, other, atol=1e-12)
            continue
        # rounded alike, so that exact zeros of both starts tie
        assert ks_2samp(values.round(12), other.round(12)).pvalue > LEVEL, name
        if name.startswith("size"):
            assert ttest_ind(values, other, equal_var=False).pvalue > LEVEL, name


def test_the_comparison_would_see_one_degree_of_freedom():
    one, other = (
        scalars(BASE.replace(dim=dim, start=start))
        for dim, start in ((5, "sampled"), (6, "materialised"))
    )
    assert ks_2samp(one["gram noise-noise"], other["gram noise-noise"]).pvalue < LEVEL
