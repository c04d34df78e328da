"""The identities, by algebra and against draws or a grid that know nothing of them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bofcheck.theory import InvalidValueError, Provenance, harmful
from bofcheck.theory.lemmas import identities, loss_constants
from bofcheck.theory.symbols import p


def logistic(z):
    return np.logaddexp(0, -z)


def test_label_flip_identity_is_proved_and_a_wrong_one_is_not():
    right = identities.label_flip_identity()
    assert right.holds()
    wrong = identities.Identity("no", right.left, p + identities.q, Provenance.DERIVED, "here")
    assert not wrong.holds()
    assert identities.flip_slack().is_nonnegative
    assert right._repr_latex_().startswith(r"$\displaystyle")


def test_label_flip_identity_on_draws():
    # 4 sigma of 10^6 draws at p(1-p) <= 1/4 is 0.002: false alarm below 1e-4, at a fixed seed.
    rng = np.random.default_rng(0)
    true = rng.choice([-1, 1], 10**6)
    output = 0.7 * true + rng.standard_normal(10**6)
    label = np.where(rng.random(10**6) < 0.2, -true, true)
    failure = np.mean(true * output <= 0)
    error = np.mean(label != np.sign(output))
    assert identities.test_error_from_failure(0.2, failure) == pytest.approx(error, abs=0.002)
    assert failure + 0.2 > error + 0.05


@given(flip=st.floats(0, 0.499), failure=st.floats(0, 1))
def test_error_lies_between_p_and_its_bound(flip, failure):
    error = identities.test_error_from_failure(flip, failure)
    assert flip - 1e-15 <= error <= flip + failure + 1e-15


@given(flip=st.floats(0.001, 0.499))
def test_entropy_is_the_least_test_loss(flip):
    grid = np.linspace(-8, 8, 3001)
    losses = (1 - flip) * logistic(grid) + flip * logistic(-grid)
    floor = identities.bayes_floor(flip)
    assert np.all(losses >= floor - 1e-12)
    assert losses.min() == pytest.approx(floor, abs=1e-5)


def test_floor_arrays_and_ranges():
    assert identities.bayes_floor(np.array([0.0, 0.1]))[0] == 0.0
    with pytest.raises(InvalidValueError, match=r"^flip_prob: outside \[0, 0\.5\)"):
        identities.bayes_floor(0.5)
    with pytest.raises(InvalidValueError, match=r"^failure: outside \[0, 1\]"):
        identities.test_error_from_failure(0.1, [0.5, 1.1])


def test_stage_three_constant_and_where_it_says_nothing():
    floor = float(loss_constants.loss_floor())
    assert floor == pytest.approx(0.5 * math.log1p(math.exp(-0.5)), rel=1e-15, abs=0.0)
    assert floor == pytest.approx(harmful.bound("H6").numeric(), rel=1e-6, abs=0.0)
    flip = loss_constants.vacuous_flip_prob()
    assert flip == pytest.approx(0.0637, abs=5e-5)
    below, above = flip * (1 - 1e-9), flip * (1 + 1e-9)
    assert identities.bayes_floor(below) < floor < identities.bayes_floor(above)


def test_the_proof_reaches_less_than_the_theorem_claims():
    proved = float(loss_constants.proved_loss())
    claimed = float(loss_constants.claimed_loss())
    assert (proved, claimed) == pytest.approx((0.47408, 0.48394), abs=5e-6)
    assert bool(loss_constants.proof_gap_sign() > 0)
    # The sign is that of (1+2s)/(1+s) - (1+1/s) times s(1+s), at s = e^(1/2).
    s = math.exp(0.5)
    gap = (math.exp(claimed) - math.exp(proved)) * s * (1 + s)
    assert float(loss_constants.proof_gap_sign()) == pytest.approx(gap, rel=1e-6, abs=0.0)
