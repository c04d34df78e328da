"""One step of the direct engine against finite differences and a gradient written by hand."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from small_problems import cases, forward, train_loss, weights_of

from bofcheck.simulate.engines.direct import DenseModel

QUIET = settings(
    max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def direct_gradient(case):
    """What one step of size 2^-10 subtracted, divided by the step size."""
    model = DenseModel(case.arrays, case.problem, "cpu")
    rate = 2.0**-10
    assert model.step(dict.fromkeys(("W_Q", "W_K", "W_V", "w_O"), rate))
    start = weights_of(case.arrays)
    return {
        name: (start[name] - weight.detach().numpy()) / rate
        for name, weight in model.weights.items()
    }


def hand_gradient(arrays, weights):
    """dL_S for every weight, by the chain rule, sample by sample."""
    total = {name: np.zeros_like(value) for name, value in weights.items()}
    u = weights["W_V"] @ weights["w_O"]
    count = len(arrays.noise)
    for n, true in enumerate(arrays.labels.true):
        signal, noise = arrays.signals[0 if true > 0 else 1], arrays.noise[n]
        label = arrays.labels.observed[n]
        f, masses = forward(signal, noise, weights)
        slope = -label / (1.0 + np.exp(label * f)) / count
        mixture = sum(mass * signal + (1.0 - mass) * noise for mass in masses) / 2.0
        total["W_V"] += slope * np.outer(mixture, weights["w_O"])
        total["w_O"] += slope * (mixture @ weights["W_V"])
        gap = signal - noise
        for query, mass in zip((signal, noise), masses, strict=True):
            pull = slope * 0.5 * mass * (1.0 - mass) * (gap @ u)
            total["W_Q"] += pull * np.outer(query, gap @ weights["W_K"])
            total["W_K"] += pull * np.outer(gap, query @ weights["W_Q"])
    return total


@QUIET
@given(cases())
def test_step_follows_the_hand_written_gradient(case):
    gradient = hand_gradient(case.arrays, weights_of(case.arrays))
    for name, direct in direct_gradient(case).items():
        # weights of order one over a step of 2^-10: rounding of 1e-13 in the quotient
        np.testing.assert_allclose(direct, gradient[name], rtol=1e-9, atol=1e-11, err_msg=name)


@QUIET
@given(cases())
def test_step_follows_finite_differences(case):
    weights = weights_of(case.arrays)
    direct = direct_gradient(case)
    rng = np.random.default_rng(0)
    for name, weight in weights.items():
        direction = rng.standard_normal(weight.shape)
        h = 1e-5
        ahead, behind = (
            train_loss(case.arrays, {**weights, name: weight + side * h * direction})
            for side in (1, -1)
        )
        slope = (ahead - behind) / (2 * h)
        # central differences: h^2 of truncation, 1e-16/h of rounding
        assert abs(slope - np.sum(direct[name] * direction)) <= 1e-7 * (1.0 + abs(slope)), name


@QUIET
@given(cases())
def test_forward_pass_is_the_four_softmax_form(case):
    model = DenseModel(case.arrays, case.problem, "cpu")
    weights = weights_of(case.arrays)
    expected = [
        forward(case.arrays.signals[0 if true > 0 else 1], case.arrays.noise[n], weights)[0]
        for n, true in enumerate(case.arrays.labels.true)
    ]
    np.testing.assert_allclose(model.outputs().numpy(), expected, rtol=1e-11, atol=1e-13)
