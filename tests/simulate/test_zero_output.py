"""An output of exactly 0 fits no label: one convention for every count, engine and integral."""

from dataclasses import replace

import numpy as np
import pytest

from bofcheck.simulate import Problem, draw_arrays, train
from bofcheck.simulate.models.attention import average_fresh

SILENT = Problem(
    n_samples=6, dim=30, key_dim=4, value_dim=3, flip_prob=0.2, learning_rate=0.3,
    noise_std=0.3, test_tokens=40, start="materialised",
)  # fmt: skip


@pytest.mark.parametrize("engine", ["direct", "span"])
@pytest.mark.parametrize("flip_prob", [0.0, 0.2, 0.49])
@pytest.mark.parametrize("zero", ["W_V", "w_O"])
def test_no_memory_is_always_an_error(engine, flip_prob, zero):
    """P(y f ≤ 0) is 1 at f = 0, whatever the label and its flip."""
    problem = SILENT.replace(flip_prob=flip_prob)
    start = draw_arrays(problem, 0)
    start = replace(start, **{zero: np.zeros_like(getattr(start, zero))})
    trajectory = train(problem, seeds=1, steps=1, engine=engine, start=[start])
    assert trajectory["test_error"][0, 0] == 1.0
    assert trajectory["test_error_drawn"][0, 0] == 1.0
    assert trajectory["test_error_high"][0, 0] == 1.0
    assert trajectory["log_failure_prob"][0, 0] == 0.0
    assert trajectory["failure_prob_error"][0, 0] == 0.0
    assert trajectory["fitted"][0, 0] == 0.0
    assert trajectory["residual_all"][0, 0] == 0.5


@pytest.mark.parametrize("start", ["sampled", "materialised"])
def test_a_start_without_memory(start):
    trajectory = train(SILENT.replace(init_std_v=0.0, start=start), seeds=2, steps=30)
    assert (trajectory["test_error"][:, 0] == 1.0).all()
    assert (trajectory["log_failure_prob"][:, 0] == 0.0).all()
    # one step later there is memory, and flips are failures again only by their share
    assert (trajectory["test_error"][:, 1:] < 0.9).all()


def test_the_drawn_share_is_the_exact_one_on_average():
    """Counting drawn labels and integrating them agree where some outputs are 0 and some not."""
    problem = SILENT.replace(test_tokens=50_000, dim=6)
    start = draw_arrays(problem, 0)
    # V₊ = 0 and no noise in half of the tokens: these have f = 0 beside μ₊
    weights = np.zeros_like(start.W_V)
    weights[1:] = start.W_V[1:]
    noise = start.test_noise.copy()
    noise[::2] = 0.0
    start = replace(start, W_V=weights, test_noise=noise)
    for engine in ("direct", "span"):
        logged = train(problem, seeds=1, steps=1, engine=engine, start=[start])
        exact, drawn = (logged[name][0, 0] for name in ("test_error", "test_error_drawn"))
        # 5 sigma of 50,000 draws, false alarm 6e-7
        assert abs(exact - drawn) < 5 * np.sqrt(exact * (1 - exact) / 50_000)
        # without the zeros' share the exact error would be off by p/4 = 0.05, over 20 sigma
        assert logged["test_error"][0, 0] <= logged["test_error_high"][0, 0]


def test_zeros_are_counted_apart_from_failures():
    from test_observables import STATE

    shape = STATE.test_values.shape
    state = replace(
        STATE, signal_values=np.array([[0.0, -4.0]]), test_values=np.array([[0.0, 6.0]])
    )
    labels = np.ones(shape, dtype=np.int64)
    fresh = average_fresh(state, labels, labels)
    # class + has f = 0 and 0.75·3; class - has ŷf = 2 and -1
    assert fresh.zero.tolist() == [0.25]
    assert fresh.failed.tolist() == [0.5]


@pytest.mark.parametrize("gap", [20.0, 40.0, 300.0, 600.0])
def test_attention_within_rounding_of_one_is_no_output_of_zero(gap):
    """Without memory of the signals, f = (1 - a) V': its digits are those of the logits."""
    problem = Problem(
        n_samples=4, dim=4, key_dim=2, value_dim=1, noise_std=0.1, test_tokens=400,
        start="materialised",
    )  # fmt: skip
    start = draw_arrays(problem, 0)
    W_Q, W_K = np.zeros((2, 4, 2))
    W_Q[:3, 0], W_K[:2, 0] = np.sqrt(gap), np.sqrt(gap)
    W_V = np.array([[0.0], [0.0], [0.0], [1.0]])
    tokens = [array.copy() for array in (start.noise, start.test_noise)]
    for array in tokens:  # a query like a signal's, a key of 0
        array[:, :2], array[:, 2] = 0.0, 1.0
    start = replace(
        start, W_Q=W_Q, W_K=W_K, W_V=W_V, w_O=np.ones(1), noise=tokens[0], test_noise=tokens[1]
    )
    for engine in ("direct", "span"):
        logged = train(problem, seeds=1, steps=1, engine=engine, start=[start])
        assert abs(logged["test_error"][0, 0] - 0.5) < 1e-12
        assert abs(np.exp(logged["log_failure_prob"][0, 0]) - 0.5) < 1e-9
