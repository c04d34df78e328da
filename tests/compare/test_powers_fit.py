import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bofcheck.compare.errors import CompareError
from bofcheck.compare.statistics.model_comparison import compare_laws
from bofcheck.compare.statistics.powers import fit_powers


def design(cells, numbers, rows=1, seed=0):
    """Cells that vary all numbers, and a clock that follows the first of them."""
    rng = np.random.default_rng(seed)
    x = np.repeat(rng.standard_normal((cells, numbers)), rows, axis=0)
    clock = np.tile(np.linspace(0.0, 1.0, rows), cells) + x[:, 0]
    return x, clock, np.repeat(np.arange(cells), rows)


@settings(max_examples=50, deadline=None)
@given(
    powers=st.lists(st.floats(-5, 5), min_size=3, max_size=3),
    constant=st.floats(-10, 10),
    seed=st.integers(0, 1000),
)
def test_an_exact_law_is_recovered(powers, constant, seed):
    x, clock, cell = design(12, 2, rows=3, seed=seed)
    response = constant + x @ powers[:2] + powers[2] * clock
    fit = fit_powers(response, {"a": x[:, 0], "b": x[:, 1], "t": clock}, cell)
    np.testing.assert_allclose(fit.powers, powers, atol=1e-7)
    assert fit.intercept == pytest.approx(constant, abs=1e-7)
    assert fit.scatter < 1e-7


@settings(max_examples=30, deadline=None)
@given(shift=st.floats(-20, 20), stretch=st.floats(0.1, 10))
def test_units_change_no_power_and_no_interval(shift, stretch):
    rng = np.random.default_rng(1)
    x, clock, cell = design(10, 2, rows=2)
    response = x @ [1.0, -2.0] + clock + rng.standard_normal(20)
    one = fit_powers(response, {"a": x[:, 0], "b": x[:, 1], "t": clock}, cell)
    other = fit_powers(response - shift, {"a": x[:, 0] + shift, "b": x[:, 1], "t": clock}, cell)
    np.testing.assert_allclose(one.powers, other.powers, atol=1e-6)
    np.testing.assert_allclose(one.low, other.low, atol=1e-6)
    root = fit_powers(response, {"a": x[:, 0] * stretch, "b": x[:, 1], "t": clock}, cell)
    assert root["a"] * stretch == pytest.approx(one["a"], abs=1e-6)


def test_one_row_a_cell_agrees_with_the_textbook():
    # HC2 of a line through equally scattered points: s² (X'X)^-1 inflated by 1/(1 - leverage)
    x = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    y = np.array([0.1, 0.9, 2.2, 2.8, 4.1])
    fit = fit_powers(y, {"x": x})
    slope, constant = np.polyfit(x, y, 1)
    residual = y - slope * x - constant
    centred = x - x.mean()
    leverage = 0.2 + centred**2 / 10
    variance = (centred**2 * residual**2 / (1 - leverage)).sum() / 100
    assert fit["x"] == pytest.approx(slope, rel=1e-6, abs=0.0)
    assert fit.errors[0] == pytest.approx(np.sqrt(variance), rel=1e-6, abs=0.0)


@pytest.mark.parametrize("common", [0.0, 0.3])
@pytest.mark.parametrize("uneven", [0.0, 0.7])
def test_intervals_cover(common, uneven):
    # 400 fits, 5 powers each; cells scatter in common and unequally. At a true coverage of 95% a
    # power is covered less than 91.5% or more than 98.5% of the time with probability 2e-3.
    rng = np.random.default_rng(5)
    covered = np.zeros(5)
    truth = np.array([2.0, -1.0, 0.0, 4.0, 1.0])
    for seed in range(400):
        x, clock, cell = design(20, 4, rows=4, seed=seed)
        size = common * np.exp(uneven * x[::4, 1])
        noise = np.repeat(size * rng.standard_normal(20), 4) + 0.1 * rng.standard_normal(80)
        names = {f"x{k}": x[:, k] for k in range(4)} | {"t": clock}
        fit = fit_powers(x @ truth[:4] + clock + noise, names, cell)
        covered += (fit.low <= truth) & (truth <= fit.high)
    assert (covered / 400 > 0.915).all(), covered / 400
    assert (covered / 400 < 0.985).all(), covered / 400


def test_many_rows_of_few_cells_buy_no_precision():
    rng = np.random.default_rng(3)
    few = design(8, 1)[0]
    shared = 0.5 * rng.standard_normal(8)
    widths = []
    for rows in (1, 50):
        x, y = np.repeat(few[:, 0], rows), np.repeat(few[:, 0] + shared, rows)
        jitter = 0.01 * rng.standard_normal(x.size)
        fit = fit_powers(y + jitter, {"x": x}, np.repeat(np.arange(8), rows))
        widths.append(float(fit.high[0] - fit.low[0]))
    assert widths[1] == pytest.approx(widths[0], rel=0.1, abs=0.0)


def test_a_wider_confidence_is_a_wider_interval():
    x, clock, cell = design(10, 1, rows=2)
    noise = np.random.default_rng(0).standard_normal(20)
    fit = fit_powers(clock + noise, {"x": x[:, 0], "t": clock}, cell)
    low, high = fit.interval("t", 0.99)
    assert low < fit.low[1] < fit.high[1] < high


@pytest.mark.parametrize(
    ("predictors", "message"),
    [
        ({}, "no predictors"),
        ({"a": np.ones(6)}, "a does not vary"),
        ({"a": np.arange(5.0)}, r"arrays must be \(n,\) alike"),
        ({"a": np.array([0, 1, 2, 3, 4, np.nan])}, "a has entries that are not finite"),
        ({"a": np.arange(6.0), "b": 2 * np.arange(6.0)}, "a, b do not vary independently"),
        ({f"x{k}": np.eye(6)[k] for k in range(5)}, "6 cells for 5 powers"),
    ],
)
def test_what_cannot_be_fitted(predictors, message):
    with pytest.raises(CompareError, match=message):
        fit_powers(np.arange(6.0), predictors)


def laws(seed, scatter=0.2, cells=20):
    rng = np.random.default_rng(seed)
    x, z = rng.standard_normal((2, cells))
    return x + scatter * rng.standard_normal(cells), {"x": x, "x + z": x + z, "none": 0 * x}


def test_the_true_law_predicts_best():
    # scatter 0.2 against a rival's 1: a lucky rival is out of the question
    for seed in range(20):
        made = compare_laws(*laws(seed), min_cells=6)
        assert made.better == "x"
        assert made.differences["x"] == 0.0
        assert made.differences["x + z"] > 2 * made.errors["x + z"]


def test_equal_laws_are_not_told_apart():
    response, rivals = laws(0)
    made = compare_laws(response, {"one": rivals["x"], "same": rivals["x"] + 7.0}, min_cells=6)
    assert made.differences == pytest.approx({"one": 0.0, "same": 0.0}, abs=1e-9)


def test_too_few_cells_compare_nothing():
    with pytest.raises(CompareError, match="5 cells; give at least 6"):
        compare_laws(np.arange(5.0), {"x": np.arange(5.0)}, min_cells=6)
    with pytest.raises(CompareError, match="law 'x' must be finite"):
        compare_laws(np.arange(6.0), {"x": np.full(6, np.nan)}, min_cells=6)
