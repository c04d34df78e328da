"""Fresh samples of the limit: mean loss and failure probability against quadrature and draws."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import expit, log_ndtr
from scipy.stats import chi2

from bofcheck.simulate import Problem, predict, train
from bofcheck.simulate.limit.failure import log_failure_integral, point_numbers
from bofcheck.simulate.limit.fresh import mean_loss


@settings(max_examples=60, deadline=None)
@given(st.floats(-60, 60), st.floats(1e-3, 80))
@example(35.0, 2.0)
@example(60.0, 3.0)
def test_mean_loss_by_quadrature(mean, std):
    def term(g):
        return np.logaddexp(0.0, -(mean + std * g)) * np.exp(-g * g / 2) / np.sqrt(2 * np.pi)

    kink = np.clip(-mean / std, -12, 12)
    inner = sorted({-12.0, *np.clip(kink + np.array([-30, -3, 0, 3, 30]) / std, -12, 12), 12.0})
    exact = sum(
        quad(term, a, b, epsabs=0.0, epsrel=1e-11, limit=200)[0] for a, b in pairwise(inner)
    )
    got = mean_loss(np.array([mean]), np.array([std]))[0]
    assert got == pytest.approx(exact, rel=1e-6, abs=1e-30)


def integrand_numbers(logit, qq, kk, kappa, key_dim, share):
    numbers = point_numbers(np.array([logit]), np.array([qq]), np.array([kk]), kappa, key_dim)
    numbers[0, -1] = share
    return numbers


def by_quadrature(logit, qq, kk, kappa, key_dim, share):
    """Log P_z on a grid over y along q and across it, the length of the rest, and x."""
    q = np.sqrt(qq)
    along = logit / q
    across = np.sqrt(kk - along**2)
    nodes, weights = np.polynomial.hermite_e.hermegauss(48)
    weights = weights / weights.sum()
    edges = np.linspace(0, 1, 41)
    middles = chi2.ppf((edges[1:] + edges[:-1]) / 2, key_dim - 2)
    y1, y2, g = np.meshgrid(nodes, nodes, nodes, indexing="ij")
    w = weights[:, None, None] * weights[:, None] * weights
    total = 0.0
    for square in middles:
        s = logit - kappa * q * y1
        far = kk - 2 * kappa * (along * y1 + across * y2) + kappa**2 * (y1**2 + y2**2 + square)
        x = kappa * np.sqrt(far) * g
        ratio = (expit(s) + expit(x)) / (expit(-s) + expit(-x))
        total += (w * np.exp(log_ndtr(-ratio * share))).sum() / len(middles)
    return np.log(total)


@pytest.mark.parametrize("key_dim", [8, 20, 40])
@pytest.mark.parametrize("share", [-1.0, 0.0, 1.0, 2.5])
@pytest.mark.parametrize(("logit", "qq", "kk", "kappa"), [(0.0, 1.0, 1.0, 0.2), (2.0, 2.5, 3, 0.4)])
def test_failures_by_quadrature(logit, qq, kk, kappa, key_dim, share):
    numbers = integrand_numbers(logit, qq, kk, kappa, key_dim, share)
    log_prob, error = log_failure_integral(numbers)
    exact = by_quadrature(logit, qq, kk, kappa, key_dim, share)
    assert log_prob[0] == pytest.approx(exact, rel=0.0, abs=max(0.004, 3 * error[0]))


@pytest.mark.parametrize("share", [0.3, 5.0, 60.0, 280.0])
def test_without_attention_noise_it_is_a_tail(share):
    """Down to e^-40000."""
    numbers = integrand_numbers(1.5, 2.0, 2.0, 0.0, 1000, share)
    ratio = (expit(1.5) + 0.5) / (expit(-1.5) + 0.5)
    log_prob, error = log_failure_integral(numbers)
    assert log_prob[0] == pytest.approx(log_ndtr(-ratio * share), rel=1e-9, abs=0.0)
    assert error[0] < 1e-4


def test_attention_noise_makes_far_failures_likelier():
    """The tail at fixed attention is off by a factor in log P; near chance it is not."""
    ratio = (expit(3.0) + 0.5) / (expit(-3.0) + 0.5)
    offs = []
    for share in (0.5, 60.0):
        numbers = integrand_numbers(3.0, 6.0, 6.0, 0.02, 10_000, share)
        log_prob, error = log_failure_integral(numbers)
        offs.append(log_ndtr(-ratio * share) / log_prob[0])
        assert error[0] < 0.1
    assert offs[0] == pytest.approx(1.0, rel=0.02, abs=0.0)
    assert offs[1] > 1.5


def test_it_is_the_failure_of_trained_runs():
    """Log P along training, from chance to far below e^-100, against importance sampling."""
    problem = Problem(
        n_samples=16, dim=10**8, key_dim=20_000, noise_std=1e-4, flip_prob=0.1,
        learning_rate=0.05, init_std_qk=0.009, init_std_v=0.02, seed=4,
    )  # fmt: skip
    trained = train(problem, seeds=3, steps=2000, log_at="geometric:24")
    predicted = predict(problem, steps=2000, log=trained.steps, start=trained)
    seen, said = trained["log_failure_prob"], predicted["log_failure_prob"]
    assert seen.min() < -300
    assert np.median(np.abs(said / seen - 1)) < 0.02
    assert np.abs(said / seen - 1).max() < 0.12
    assert (predicted["failure_prob_error"] < 0.2).all()


def test_draws_that_share_a_class_share_its_integral():
    """By slope in τ: as accurate as an integral for each draw."""
    problem = Problem(
        n_samples=8, dim=10**4, noise_std=0.01, flip_prob=0.2, init_std_v=0.03, key_dim=2000,
        init_std_qk=0.02, learning_rate=0.1,
    )  # fmt: skip
    together = predict(problem, steps=400, log="every:200")
    for run in (0, 40, len(together.seeds) - 1):
        labels = [
            int(getattr(together, name)[run])
            for name in ("positive", "flipped_positive", "flipped_negative")
        ]
        alone = predict(problem, steps=400, log="every:200", labels=labels)
        assert together["log_failure_prob"][run] == pytest.approx(
            alone["log_failure_prob"][0], rel=2e-3, abs=1e-6
        )
