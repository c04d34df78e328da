"""The scale symmetries of the model leave every trajectory unchanged, in both engines.

(i) tokens times c, W_Q, W_K, W_V over c, their step sizes over c²; w_O and its step size stay.
(ii) w_O times c, W_V over c, step sizes of W_V over c² and of w_O times c².
"""

from dataclasses import replace

import numpy as np
import pytest

from bofcheck.simulate import QUANTITIES, LearningRates, Problem, draw_arrays, train

BASE = Problem(
    n_samples=6, dim=9, key_dim=4, value_dim=5, signal_norm=1.3, noise_std=0.4, flip_prob=0.2,
    init_std_qk=0.3, init_std_v=0.2, learning_rate=0.2, test_tokens=20, start="materialised",
)  # fmt: skip


def scale_tokens(problem, arrays, rate, c):
    scaled = replace(
        arrays,
        **{name: getattr(arrays, name) * c for name in ("signals", "noise", "test_noise")},
        **{name: getattr(arrays, name) / c for name in ("W_Q", "W_K", "W_V")},
    )
    changed = problem.replace(signal_norm=problem.signal_norm * c, noise_std=problem.noise_std * c)
    return changed, scaled, LearningRates(rate / c**2, rate / c**2, rate), {"value_norm": 1 / c}


def scale_output(problem, arrays, rate, c):
    scaled = replace(arrays, W_V=arrays.W_V / c, w_O=arrays.w_O * c)
    return problem, scaled, LearningRates(rate, rate / c**2, rate * c**2), {"output_norm": c}


@pytest.mark.parametrize("engine", ["direct", "span"])
@pytest.mark.parametrize("trained", [False, True])
@pytest.mark.parametrize("noise", ["isotropic", "orthogonal"])
@pytest.mark.parametrize("scale", [scale_tokens, scale_output])
@pytest.mark.parametrize("c", [4.0, 0.37])
def test_trajectory_is_invariant(engine, trained, noise, scale, c):
    problem = BASE.replace(train_output=trained, noise=noise)
    arrays = draw_arrays(problem, 0)
    rate = problem.learning_rate
    plain = train(problem, seeds=1, steps=200, engine=engine, start=[arrays])
    changed, scaled, rates, factors = scale(problem, arrays, rate, c)
    other = train(changed, seeds=1, steps=200, engine=engine, start=[scaled], rates=rates)
    for name in QUANTITIES:
        expected = plain[name] * factors.get(name, 1.0)
        # a power of two scales without rounding; what is left is QR's and norms' last bits
        tolerance = 1e-12 if c == 4.0 else 1e-10
        np.testing.assert_allclose(
            other[name], expected, rtol=tolerance, atol=tolerance, equal_nan=True, err_msg=name
        )


def test_a_wrong_scaling_is_seen():
    arrays = draw_arrays(BASE, 0)
    plain = train(BASE, seeds=1, steps=200, start=[arrays])
    problem, scaled, rates, _ = scale_tokens(BASE, arrays, BASE.learning_rate, 4.0)
    unscaled_rate = replace(rates, value=BASE.learning_rate)
    other = train(problem, seeds=1, steps=200, start=[scaled], rates=unscaled_rate)
    assert np.abs(other["train_loss"] - plain["train_loss"]).max() > 1e-3
