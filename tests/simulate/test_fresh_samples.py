"""The one-pass averages over fresh samples against array expressions written down plainly."""

import numpy as np
import pytest

from bofcheck.simulate import LearningRates, Problem
from bofcheck.simulate.engines import get_engine
from bofcheck.simulate.models.attention import average_fresh, logistic
from bofcheck.simulate.observables import softplus


def plainly(snapshot, true, observed):
    """(failed, zero, loss, margin, mass, drawn) by the definitions, each (R,)."""
    mass = logistic(snapshot.signal_logit[:, None, :] - snapshot.test_signal_query)
    mass = mass + logistic(snapshot.test_noise_query - snapshot.test_noise_self[:, :, None])
    sign = np.array([1.0, -1.0])
    noise = snapshot.test_values[:, :, None]
    margin = sign * 0.5 * (mass * snapshot.signal_values[:, None, :] + (2.0 - mass) * noise)
    own = true * observed * np.where(true > 0, margin[:, :, 0], margin[:, :, 1])
    return (
        (margin <= 0).mean(axis=(1, 2)), (margin == 0).mean(axis=(1, 2)),
        softplus(-margin).mean(axis=(1, 2)), margin.mean(axis=(1, 2)),
        mass.mean(axis=(1, 2)), (own <= 0).mean(axis=1),
    )  # fmt: skip


@pytest.mark.parametrize("tokens", [1, 255, 256, 700])
@pytest.mark.parametrize("scale", [0.01, 3.0])
def test_averages_are_those_of_the_definitions(tokens, scale):
    problem = Problem(
        n_samples=6, dim=500, noise_std=0.05, flip_prob=0.2, init_std_qk=scale, init_std_v=scale,
        test_tokens=tokens, test_draw="resampled",
    )  # fmt: skip
    batch = get_engine("span").start(problem, range(3), None, LearningRates.uniform(0.1), "cpu")
    batch.advance(20)
    true = np.stack([one.test_true for one in batch.labels])
    observed = np.stack([one.test_observed for one in batch.labels])
    snapshot = batch.snapshot()
    fast = average_fresh(snapshot, true, observed)
    for name, plain in zip(fast._fields, plainly(snapshot, true, observed), strict=True):
        np.testing.assert_allclose(getattr(fast, name), plain, rtol=1e-12, atol=1e-14, err_msg=name)


def test_an_output_that_is_no_number_is_not_counted_as_right():
    problem = Problem(n_samples=4, dim=100, test_tokens=10)
    batch = get_engine("span").start(problem, range(2), None, LearningRates.uniform(0.1), "cpu")
    snapshot = batch.snapshot()
    snapshot.test_values[1, 3] = np.nan
    true = np.stack([one.test_true for one in batch.labels])
    fast = average_fresh(snapshot, true, true)
    assert np.isfinite(fast.failed[0])
    assert np.isfinite(fast.drawn[0])
    for values in fast:
        assert np.isnan(values[1]) or values is fast.mass
