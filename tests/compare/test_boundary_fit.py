from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit, log_expit

from bofcheck.compare import thresholds
from bofcheck.compare.errors import CompareError
from bofcheck.compare.statistics import boundary
from bofcheck.compare.statistics.logistic import fit_logistic, fit_resampled

RIVALS = {"N·SNR²": (1.0, 2.0, 0.0), "N·d·SNR⁴": (1.0, 4.0, 1.0)}

fit_boundary = partial(
    boundary.fit_boundary,
    resamples=thresholds.BOUNDARY_RESAMPLES,
    confidence=thresholds.BOUNDARY_CONFIDENCE,
    spare_cells=thresholds.BOUNDARY_SPARE_CELLS,
    ridge=thresholds.LOGISTIC_RIDGE,
)
compare_boundaries = partial(
    boundary.compare_boundaries,
    folds=thresholds.BOUNDARY_FOLDS,
    ridge=thresholds.LOGISTIC_RIDGE,
)


def cells(law, seed, count=40, reach=1.0, sharpness=15.0, runs=8):
    """Cells around the boundary of a law, and which of their runs are above it."""
    rng = np.random.default_rng(seed)
    n = rng.choice([6.0, 10.0, 16.0, 24.0, 36.0], count)
    d = 10 ** rng.uniform(2.5, 6, count)
    level = rng.uniform(-reach, reach, count)
    snr = np.exp((level - np.log(n) - law[2] * np.log(d)) / law[1])
    above = rng.random((count, runs)) < expit(sharpness * level)[:, None]
    return n, snr, d, above.astype(float)


@pytest.mark.parametrize("law", RIVALS.values(), ids=RIVALS)
@pytest.mark.parametrize("sharpness", [4.0, 15.0])
def test_a_planted_boundary_is_recovered_and_covered(law, sharpness):
    # 40 fits; at a true coverage of 90% or more, fewer than 31 covered has probability 2e-2 for
    # one of the powers at worst (seeds fixed); 95% is nominal for percentile intervals
    covered = np.zeros(2)
    for seed in range(40):
        fit = fit_boundary(*cells(law, seed, sharpness=sharpness), resamples=200)
        for at, (name, power) in enumerate((("SNR", law[1]), ("d", law[2]))):
            covered[at] += fit.low[name] <= power <= fit.high[name]
        assert fit.powers["SNR"] == pytest.approx(law[1], rel=0.5, abs=0.0)
    assert covered.min() >= 31


@pytest.mark.parametrize("law", RIVALS, ids=RIVALS)
def test_held_out_cells_prefer_the_planted_law(law):
    other = next(name for name in RIVALS if name != law)
    for seed in range(15):
        made = compare_boundaries(*cells(RIVALS[law], seed), RIVALS)
        assert made.better == law
        assert made.clearly_worse(other, errors=2.0)
        assert not made.clearly_worse(law, errors=2.0)
        assert made.constants[law] == pytest.approx(0.0, abs=0.3)


def test_laws_that_differ_nowhere_are_not_told_apart():
    n, snr, d, above = cells((1, 2, 0), 0)
    made = compare_boundaries(n, snr, np.full(d.size, 50.0), above, {
        "one": (1, 2, 0), "same": (1, 2, 1)})  # fmt: skip
    assert not made.clearly_worse("one", errors=2.0)
    assert not made.clearly_worse("same", errors=2.0)


def test_separable_cells_give_a_finite_boundary_in_the_gap():
    n, snr, d, _ = cells((1, 2, 0), 3)
    level = n * snr**2
    above = level > 1.0
    fit = fit_boundary(n, snr, d, above)
    assert fit.separated
    assert np.isfinite([*fit.powers.values(), fit.log_constant, fit.sharpness]).all()
    assert fit.low["SNR"] < 2 < fit.high["SNR"]
    assert fit.low["d"] < 0 < fit.high["d"]


@settings(max_examples=25, deadline=None)
@given(units=st.tuples(*[st.floats(0.01, 100)] * 3), seed=st.integers(0, 20))
def test_units_move_the_constant_alone(units, seed):
    n, snr, d, above = cells((1, 2, 0), seed, count=20)
    one = fit_boundary(n, snr, d, above, resamples=20)
    other = fit_boundary(n * units[0], snr * units[1], d * units[2], above, resamples=20)
    shift = sum(one.powers[k] * np.log(u) for k, u in zip(one.names, units, strict=True))
    assert other.powers == pytest.approx(one.powers, rel=1e-4, abs=1e-4)
    assert other.log_constant == pytest.approx(one.log_constant + shift, rel=1e-3, abs=1e-3)


def test_the_order_of_cells_and_unknown_runs_do_not_matter():
    n, snr, d, above = cells((1, 2, 0), 1)
    padded = np.column_stack([above, np.full(len(above), np.nan)])
    back = slice(None, None, -1)
    one = fit_boundary(n, snr, d, above, resamples=20)
    other = fit_boundary(n[back], snr[back], d[back], padded[back], resamples=20)
    assert other.powers == pytest.approx(one.powers, rel=1e-6, abs=0.0)


def test_a_fourth_dimension():
    rng = np.random.default_rng(2)
    n, snr, d, _ = cells((1, 2, 0), 2, count=60)
    width = 10 ** rng.uniform(2, 6, 60)
    level = np.log(n * snr**2) + rng.uniform(-0.2, 0.2, 60)
    above = rng.random((60, 8)) < expit(12 * level)[:, None]
    fit = fit_boundary(n, snr / width**0.125, d, above, key_dim=width, resamples=100)
    assert fit.names == ("N", "SNR", "d", "d_h")
    assert fit.low["d_h"] < 0.25 < fit.high["d_h"]


def test_a_dimension_that_never_varies_is_left_out():
    n, snr, d, above = cells((1, 2, 0), 4)
    assert fit_boundary(n, snr, np.full(d.size, 9.0), above, resamples=5).names == ("N", "SNR")


def test_no_information_is_an_infinite_interval():
    n, snr, d, above = cells((1, 2, 0), 5, count=12)
    shuffled = np.random.default_rng(0).permutation(above.ravel()).reshape(above.shape)
    shuffled[n > 10, 0] = 1.0
    fit = fit_boundary(n, snr, d, shuffled, resamples=200)
    assert fit.high["SNR"] - fit.low["SNR"] > 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"above": np.ones(12)}, "all cells are above"),
        ({"above": np.zeros(12)}, "all cells are below"),
        ({"above": np.full(12, 2.0)}, "entries from 0 to 1"),
        ({"above": np.ones(5)}, r"above must be \(12,\)"),
        ({"n": np.full(12, 8.0)}, "do not vary independently"),
        ({"snr": np.full(12, -1.0)}, "finite and positive"),
        ({"d": np.ones(3)}, "alike"),
    ],
)
def test_what_cannot_be_fitted(change, message):
    n, snr, d, above = cells((1, 2, 0), 0, count=12)
    arrays = {"n": n, "snr": snr, "d": d, "above": above} | change
    with pytest.raises(CompareError, match=message):
        fit_boundary(**arrays)


def test_too_few_cells():
    n, snr, d, above = cells((1, 2, 0), 0, count=7)
    with pytest.raises(CompareError, match="7 cells for 3 powers; give 8"):
        fit_boundary(n, snr, d, above)
    with pytest.raises(CompareError, match="give at least 10"):
        compare_boundaries(n, snr, d, above, RIVALS)
    with pytest.raises(CompareError, match="no cells"):
        fit_boundary([], [], [], [])


def test_a_law_needs_a_power_for_each_array():
    with pytest.raises(CompareError, match="law 'x': has 2 powers"):
        compare_boundaries(*cells((1, 2, 0), 0), {"x": (1.0, 2.0)})


def test_the_penalised_maximum_is_the_one_a_general_optimiser_finds():
    rng = np.random.default_rng(7)
    x = rng.standard_normal((30, 2)) * [1.0, 50.0] + [3.0, -200.0]
    trials = rng.integers(1, 9, 30).astype(float)
    hits = rng.binomial(trials.astype(int), 0.4).astype(float)
    standard = (x - x.mean(axis=0)) / x.std(axis=0)

    def loss(beta):
        odds = beta[0] + standard @ beta[1:]
        likelihood = hits @ log_expit(odds) + (trials - hits) @ log_expit(-odds)
        return -(likelihood - thresholds.LOGISTIC_RIDGE / 2 * (beta[1:] ** 2).sum())

    best = minimize(loss, np.zeros(3), tol=1e-12).x
    constant, slopes = fit_logistic(x, hits, trials, thresholds.LOGISTIC_RIDGE)
    np.testing.assert_allclose(slopes * x.std(axis=0), best[1:], atol=1e-5)
    assert constant + slopes @ x.mean(axis=0) == pytest.approx(best[0], abs=1e-5)


@pytest.mark.parametrize("separated", [False, True])
def test_resamples_fitted_at_once_are_those_fitted_one_by_one(separated):
    rng = np.random.default_rng(3)
    x = rng.standard_normal((41, 3))
    odds = 3 * x @ np.array([1.0, 2.0, 0.1])
    hits = 8.0 * (odds > 0) if separated else rng.binomial(8, 1 / (1 + np.exp(-odds))).astype(float)
    trials, drawn = np.full(41, 8.0), rng.integers(0, 41, (40, 41))
    together = fit_resampled(x, hits, trials, drawn, ridge=0.01)
    apart = [fit_logistic(x[rows], hits[rows], trials[rows], ridge=0.01)[1] for rows in drawn]
    # both stop when a step gains less than 1e-9 in log-likelihood
    np.testing.assert_allclose(together, apart, rtol=1e-3)
