"""Huge logits, vanishing losses, and single precision."""

import numpy as np
import pytest

from bofcheck.simulate import Problem, draw_arrays, train

SMALL = Problem(
    n_samples=8, dim=200, key_dim=20, value_dim=10, noise_std=0.05, learning_rate=0.5,
    test_tokens=32, start="materialised",
)  # fmt: skip


@pytest.mark.parametrize("trained", [False, True])
def test_logits_of_ten_thousand_are_no_trouble(trained):
    problem = SMALL.replace(init_std_qk=60.0, train_output=trained)
    arrays = draw_arrays(problem, 0)
    row = np.where(arrays.labels.true > 0, 0, 1)
    tokens = np.stack([arrays.signals[row], arrays.noise], axis=1)
    logits = (tokens @ arrays.W_Q) @ (tokens @ arrays.W_K).transpose(0, 2, 1)
    assert abs(logits).max() > 1e4
    span, direct = (
        train(problem, seeds=1, steps=20, engine=one, start=[arrays]) for one in ("span", "direct")
    )
    assert (span.diverged_at == -1).all()
    for name in ("train_loss", "test_loss", "attention_clean", "v_plus"):
        assert np.isfinite(span[name]).all()
        np.testing.assert_allclose(span[name], direct[name], rtol=1e-9, atol=1e-12, err_msg=name)


def test_losses_of_1e_minus_300_are_neither_nought_nor_nan():
    problem = SMALL.replace(init_std_qk=0.0, test_tokens=4)
    arrays = draw_arrays(problem, 0)
    direction = arrays.w_O / np.linalg.norm(arrays.w_O)
    along = arrays.signals[0] - arrays.signals[1]
    arrays.W_V[:] = 1400.0 * np.outer(along / (along @ along), direction) * 2
    trajectory = train(problem, seeds=1, steps=5, start=[arrays])
    loss = trajectory["train_loss"]
    assert np.isfinite(loss).all()
    assert (loss > 0).all()
    assert loss.max() < 1e-290
    assert (trajectory.diverged_at == -1).all()


def test_single_precision_stays_close():
    """Four times the largest relative error seen, 5e-7; a float32 rounding is 6e-8."""
    double = train(SMALL, seeds=4, steps=300)
    single = train(SMALL.replace(dtype="float32"), seeds=4, steps=300)
    for name in ("train_loss", "test_loss", "v_plus", "attention_clean"):
        error = abs(single[name] / double[name] - 1).max()
        assert 0 < error < 2e-6, (name, error)
