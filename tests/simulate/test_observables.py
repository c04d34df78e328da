"""Every logged quantity on a state small enough to work out by hand."""

import math

import numpy as np
import pytest
from scipy.stats import beta

from bofcheck.simulate import QUANTITIES, Problem
from bofcheck.simulate.data.signal_noise import Labels
from bofcheck.simulate.models.attention import logistic
from bofcheck.simulate.observables import observe_quantities, softplus
from bofcheck.simulate.snapshot import Snapshot

LN3 = math.log(3.0)  # a gap of log 3 puts 3/4 of the attention on the signal

#: Two samples: the first clean with true label +1, the second -1 flipped to +1.
STATE = Snapshot(
    signal_gap=np.array([[LN3, 0.0]]),
    noise_gap=np.array([[0.0, -LN3]]),
    signal_values=np.array([[2.0, -4.0]]),
    noise_values=np.array([[1.0, 8.0]]),
    value_norm=np.array([5.0]),
    output_norm=np.array([0.5]),
    signal_logit=np.array([[LN3, 0.0]]),
    test_values=np.array([[-1.0, 6.0]]),
    test_signal_query=np.zeros((1, 2, 2)),
    test_noise_query=np.zeros((1, 2, 2)),
    test_noise_self=np.zeros((1, 2)),
    line_values=np.array([5.0]),
    line_signal_query=np.zeros((1, 2)),
    line_noise_query=np.zeros((1, 2)),
    line_self_first=np.zeros((1, 2)),
    line_self_second=np.zeros(1),
)
LABELS = Labels(
    true=np.array([1, -1]),
    observed=np.array([1, 1]),
    test_true=np.array([-1, -1]),
    test_observed=np.array([-1, 1]),
)
PROBLEM = Problem(n_samples=2, dim=4, flip_prob=0.25, noise_std=0.4, test_tokens=2)


def log1pexp(x):
    return math.log(1.0 + math.exp(x))


def normal_tail(x):
    return 0.5 * math.erfc(x / math.sqrt(2.0))


# Training: masses 3/4 + 1/2 and 1/2 + 1/4, so f = (1.25·2 + 0.75·1)/2 = 1.625 and
# f = (0.75·(-4) + 1.25·8)/2 = 3.5; both labels are +1.
# Test: masses 3/4 + 1/2 for class + and 1 for class -, so ŷf is (1.25·2 - 0.75)/2 = 0.875 and
# (2.5 + 0.75·6)/2 = 3.5 for class +, and -(-4 - 1)/2 = 2.5 and -(-4 + 6)/2 = -1 for class -.
TEST_MARGINS = (0.875, 3.5, 2.5, -1.0)
EXPECTED = {
    "train_loss": (log1pexp(-1.625) + log1pexp(-3.5)) / 2,
    "test_loss": sum(0.75 * log1pexp(-m) + 0.25 * log1pexp(m) for m in TEST_MARGINS) / 4,
    "test_error": 0.25 + 0.5 * 0.25,
    # half a token of two failed: ends of Clopper and Pearson's interval for ½ of 2
    "test_error_low": 0.25 + 0.5 * float(beta.ppf(0.025, 0.5, 2.5)),
    "test_error_high": 0.25 + 0.5 * float(beta.ppf(0.975, 1.5, 1.5)),
    "test_error_drawn": 0.0,  # class -: 2.5 unflipped succeeds, -1.0 flipped agrees with y
    # V' = 2 x with x standard normal; class + fails at 0.75·2x > 2.5, class - at 2x > 4
    "log_failure_prob": math.log(0.5 * (normal_tail(2.5 / 1.5) + normal_tail(2.0))),
    "failure_prob_error": 0.0,
    "failure_tilt_gap": 0.0,
    "attention_clean": 0.625,
    "attention_flipped": 0.375,
    "attention_test": (0.625 + 0.5) / 2,
    "gap_clean": LN3,
    "v_plus": 2.0,
    "v_minus": -4.0,
    "v_noise_clean": 1.0,
    "v_noise_flipped": 8.0,
    "v_noise_max": 8.0,
    "v_noise_aligned": 1.0,
    "fitted": 1.0,
    "fitted_flipped": 1.0,
    "residual_clean": 1.0 / (1.0 + math.exp(1.625)),
    "residual_all": (1.0 / (1.0 + math.exp(1.625)) + 1.0 / (1.0 + math.exp(3.5))) / 2,
    "value_norm": 5.0,
    "output_norm": 0.5,
}


def test_every_quantity_is_checked_here():
    assert EXPECTED.keys() == QUANTITIES.keys()


@pytest.mark.parametrize("name", QUANTITIES)
def test_quantity_by_hand(name):
    values = observe_quantities(STATE, PROBLEM, [LABELS])[name]
    assert values.shape == (1,)
    assert values[0] == pytest.approx(EXPECTED[name], rel=1e-12, abs=1e-12)


def test_drawn_error_counts_disagreement_with_the_observed_label():
    labels = Labels(LABELS.true, LABELS.observed, np.array([1, -1]), np.array([-1, -1]))
    # token 1, class + flipped: y f = -0.875; token 2, class - unflipped: y f = -1
    assert observe_quantities(STATE, PROBLEM, [labels])["test_error_drawn"][0] == 1.0


def test_averages_over_no_sample_are_nan():
    clean = Labels(LABELS.true, LABELS.true, LABELS.test_true, LABELS.test_observed)
    flipped = Labels(-LABELS.observed, LABELS.observed, LABELS.test_true, LABELS.test_observed)
    by_clean = observe_quantities(STATE, PROBLEM, [clean])
    by_flipped = observe_quantities(STATE, PROBLEM, [flipped])
    for name in QUANTITIES:
        assert np.isnan(by_clean[name][0]) == name.endswith("_flipped"), name
        assert np.isnan(by_flipped[name][0]) == name.endswith("_clean"), name


def test_aligned_noise_and_fit_follow_the_observed_label():
    labels = Labels(LABELS.true, LABELS.true, LABELS.test_true, LABELS.test_observed)
    logged = observe_quantities(STATE, PROBLEM, [labels])
    assert logged["v_noise_aligned"][0] == -8.0
    assert logged["fitted"][0] == 0.5


def test_softplus_and_logistic_do_not_overflow():
    x = np.array([-1000.0, -50.0, 0.0, 50.0, 1000.0])
    np.testing.assert_allclose(
        softplus(x), [0.0, math.exp(-50.0), math.log(2.0), 50.0, 1000.0], rtol=1e-14
    )
    np.testing.assert_allclose(logistic(x), [0.0, math.exp(-50.0), 0.5, 1.0, 1.0], rtol=1e-14)
