"""The boundary of test_loss in the limit: its constants and powers, and what it is not."""

from math import log

import numpy as np
import pytest

from bofcheck.simulate import EngineError, Problem, find_boundary, predict
from bofcheck.theory import bayes_floor


@pytest.mark.parametrize(
    ("p", "target", "constant"), [(0.0, 0.1, 1.54), (0.1, 0.1, 1.26), (0.1, 0.3, 2.57)]
)
def test_constants(p, target, constant):
    found = find_boundary(p, target, n_samples=[4000])
    assert found.constant == pytest.approx(constant, rel=5e-3, abs=0.0)
    assert found.powers[0] == pytest.approx(2.0, rel=2e-3, abs=0.0)
    assert np.isnan(found.fitted_power)


def test_the_power_rises_to_two_with_n():
    found = find_boundary(0.1, 0.1, n_samples=[8, 20, 250])
    assert found.powers == pytest.approx([1.77, 1.87, 1.98], rel=5e-3, abs=0.0)
    assert 1.77 < found.fitted_power < 1.87
    levels = np.array(found.levels)
    assert (np.diff(levels) < 0).all()


def test_the_constant_depends_on_the_start():
    weak, strong = (find_boundary(0.1, 0.1, n_samples=[1000], start=s) for s in (0.0, 6.0))
    assert weak.constant < 0.9 < 1.4 < strong.constant


def test_a_cell_on_the_boundary_is_half_way():
    """The prediction of the problem at the boundary, with balanced labels."""
    n, p, target = 40, 0.1, 0.1
    level = find_boundary(p, target, n_samples=[n]).constant
    snr = (level / n) ** 0.5
    problem = Problem(
        n_samples=n, dim=10**12, key_dim=10**6, signal_norm=snr, noise_std=1e-6,
        flip_prob=p, learning_rate=0.02 * n, init_std_qk=2e-3 * 0.5**0.5, init_std_v=0.0,
        target_loss=target,
    )  # fmt: skip
    prediction = predict(problem, steps=4000, log="every:1", labels=(20, 2, 2))
    at = int(np.argmax(prediction["train_loss"][0] <= target))
    half = (bayes_floor(p) + log(2)) / 2
    assert prediction["test_loss"][0, at] == pytest.approx(half, rel=3e-3, abs=0.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.5, 0.1, {}), "p = 0.5: must be in"),
        ((0.1, 0.7, {}), "target_loss = 0.7: must be between"),
        ((0.1, 0.1, {"n_samples": [0.5]}), "each from 1"),
        ((0.1, 0.1, {"n_samples": []}), "give numbers of samples"),
        ((0.1, 0.1, {"start": -1.0}), "start = -1.0"),
        ((0.1, 0.65, {"n_samples": [4000]}), "on one side"),
    ],
)
def test_numbers_out_of_range(arguments, message):
    p, target, rest = arguments
    with pytest.raises(EngineError, match=message):
        find_boundary(p, target, **rest)
