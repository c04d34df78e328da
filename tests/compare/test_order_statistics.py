"""Limits of quantiles by order statistics, and those of fitted constants."""

import numpy as np
import pytest
from scipy.stats import binom
from synthetic import inside, planted, study

from bofcheck.compare import Role, fit_constants
from bofcheck.compare.statistics.order_statistics import quantile_limits


@pytest.mark.parametrize(("count", "share"), [(20, 0.5), (64, 0.95), (200, 0.95), (64, 0.05)])
def test_limits_miss_as_rarely_as_promised_and_no_rarer_than_need_be(count, share):
    # draws 1 … n: the limit with rank k is right of the quantile iff fewer than k draws are below
    low, high = quantile_limits(np.arange(1.0, count + 1), share, 0.05)
    if np.isfinite(low):
        assert binom.cdf(low - 1, count, share) <= 0.05 < binom.cdf(low, count, share)
    else:
        assert binom.cdf(0, count, share) > 0.05
    if np.isfinite(high):
        assert binom.sf(high - 1, count, share) <= 0.05 < binom.sf(high - 2, count, share)
    else:
        assert binom.sf(count - 1, count, share) > 0.05


def test_limits_cover_a_skewed_scatter():
    # 2000 samples: a rate below 0.935 where 0.95 is true has probability below 0.002
    rng = np.random.default_rng(3)
    truth = np.exp(1.6448536)
    hits = np.zeros(2)
    for _ in range(2000):
        low, high = quantile_limits(np.exp(rng.standard_normal(64)), 0.95, 0.05)
        hits += (low <= truth, truth <= high)
    assert (hits / 2000 > 0.935).all()


TRUTH = {"C2": 0.02, "k2": 1.1, "k3": 3e-5}


def calibration(runs, spread):
    problem = inside()
    scale = 1 / (problem.learning_rate * problem.signal_norm**2)
    events = {"T1": 2 * scale, "T2": 20 * scale, "T3": 40 * scale}
    factor = spread * np.linspace(-1, 1, runs)[:, None]
    return planted(
        "cal", Role.CALIBRATION, problem, truth=TRUTH, events=events, runs=runs, log_factor=factor
    )


def test_an_envelope_s_constant_is_its_own_upper_limit():
    # every run's C2 lies at 0.02 e^x, x from -0.5 to 0.5 in 65 even steps
    constants = fit_constants(study(calibration(65, 0.5))).constants
    assert constants["C2"].value == pytest.approx(0.02 * np.exp(0.5), rel=1e-6, abs=0.0)
    low, high = constants["C2"].limits
    assert high == pytest.approx(constants["C2"].value, rel=1e-6, abs=0.0)
    rank = round((np.log(low / 0.02) + 0.5) * 64) + 1
    assert binom.cdf(rank - 1, 65, 0.95) <= 0.05 < binom.cdf(rank, 65, 0.95)


def test_a_rate_s_limits_lie_above_it():
    constants = fit_constants(study(calibration(65, 0.5))).constants
    for name in ("k2", "k3"):
        low, high = constants[name].limits
        assert low == pytest.approx(constants[name].value, rel=1e-6, abs=0.0)
        assert high >= low


def test_few_runs_have_no_upper_limit():
    low, high = fit_constants(study(calibration(16, 0.5))).constants["C2"].limits
    assert np.isfinite(low)
    assert high == np.inf
