"""An error counted on few tokens comes with an interval that says how little it knows."""

import numpy as np
import pytest
from scipy.stats import binomtest

from bofcheck.simulate import Problem, train
from bofcheck.simulate.observables import share_limits

TOKENS = (1, 2, 5, 64, 1000)


@pytest.mark.parametrize("tokens", TOKENS)
def test_whole_tokens_have_clopper_and_pearsons_interval(tokens):
    for failed in {0, 1, tokens // 2, tokens}:
        plain = binomtest(failed, tokens).proportion_ci(0.95, method="exact")
        low, high = share_limits(np.array([failed / tokens]), tokens)
        np.testing.assert_allclose([low[0], high[0]], [plain.low, plain.high], atol=1e-9)


@pytest.mark.parametrize("tokens", TOKENS)
@pytest.mark.parametrize("rates", [(0.0, 0.0), (0.02, 0.0), (0.3, 0.0), (0.1, 0.1), (0.9, 0.2)])
def test_the_interval_covers_tokens_that_fail_by_halves(tokens, rates):
    """A token fails beside μ₊ and μ₋ with different chances; the mean is what is estimated."""
    rng = np.random.default_rng(tokens)
    draws = rng.random((4000, tokens, 2)) < rates
    low, high = share_limits(draws.mean(axis=(1, 2)), tokens)
    covered = np.mean((low <= np.mean(rates)) & (np.mean(rates) <= high))
    # at least 95%; 4,000 draws miss that by 5 standard errors with 3e-7
    assert covered > 0.95 - 5 * np.sqrt(0.95 * 0.05 / 4000)


def test_one_token_says_nearly_nothing():
    problem = Problem(n_samples=8, dim=400, learning_rate=0.5, flip_prob=0.1, test_tokens=1)
    few = train(problem, seeds=4, steps=200, log_at=[200])
    many = train(problem.replace(test_tokens=4000), seeds=4, steps=200, log_at=[200])
    for trajectory in (few, many):
        assert (trajectory["test_error_low"] <= trajectory["test_error"]).all()
        assert (trajectory["test_error"] <= trajectory["test_error_high"]).all()
    silent = few["test_error"][:, -1] == 0.1  # no failure among one token
    assert silent.any()
    np.testing.assert_allclose(few["test_error_high"][silent, -1], 0.1 + 0.8 * 0.975)
    assert (many["test_error_high"][:, -1] - many["test_error_low"][:, -1] < 0.03).all()
    # what few tokens allow holds what many say
    assert (few["test_error_high"][:, -1] >= many["test_error"][:, -1]).all()
