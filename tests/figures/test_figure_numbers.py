"""What is drawn is what the table says, and the table is what the runs did."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make_references import reference_table

from bofcheck.compare.cells import CellResult, analyse
from bofcheck.compare.checks.chosen_settings import unit_rate
from bofcheck.compare.errors import CompareError
from bofcheck.compare.figures import draw
from bofcheck.compare.figures.table import Table, along, summary
from bofcheck.compare.papers.zhang2025.experiments import Experiment, get_experiment
from bofcheck.compare.papers.zhang2025.experiments._boundary import (
    crossing,
    good_runs,
    law_constant,
)
from bofcheck.simulate import open_store
from bofcheck.theory import benign


def mesh(ax):
    return np.ma.filled(ax.collections[0].get_array(), np.nan)


def test_curves_are_the_columns_of_the_table():
    table = reference_table("fig5")
    figure = draw(table, "fig5")
    for ax, letter in zip(figure.axes, "abcd", strict=True):
        panel = table.select(panel=letter)
        lines = ax.get_lines()
        for line, rate in zip(lines, panel.numbers("rate"), strict=False):
            part = panel.select(rate=rate)
            np.testing.assert_array_equal(line.get_xdata(), part.column("step"))
            np.testing.assert_array_equal(line.get_ydata(), part.column("mean"))


def test_points_are_the_columns_of_the_table():
    table = reference_table("fig7")
    ax = draw(table, "fig7").axes[1]
    for line, norm in zip(ax.get_lines()[::3], (5.0, 20.0), strict=False):
        part = table.select(panel="b", signal_norm=norm)
        np.testing.assert_array_equal(line.get_xdata(), part.column("x"))
        np.testing.assert_array_equal(line.get_ydata(), part.column("mean"))


@pytest.mark.parametrize(("name", "value"), [("fig2", "mean"), ("fig3", "benign")])
def test_maps_are_the_columns_of_the_table(name, value):
    table = reference_table(name)
    first = table.select(flip_prob=0) if name == "fig2" else table.select(
        flip_prob=0, quantity="test_loss", part="cell"
    )  # fmt: skip
    shown = mesh(draw(table, name).axes[0])
    expected = sorted(first, key=lambda row: (row["n_samples"], row["snr"]))
    np.testing.assert_array_equal(shown.ravel(), [row[value] for row in expected])


def test_the_fitted_curve_is_drawn_through_its_constant():
    table = reference_table("fig3")
    constant = table.select(part="curve", quantity="test_error", flip_prob=0).column("constant")[0]
    ax = draw(table, "fig3").axes[3]
    x, y = ax.get_lines()[0].get_data()
    np.testing.assert_allclose(y * x**2, constant)
    assert any(f"C = {constant:.2g}" in text.get_text() for text in ax.texts)


def test_without_a_boundary_no_curve_is_drawn():
    table = reference_table("fig3")
    assert table.select(part="curve", quantity="test_loss", flip_prob=0.1).values("constant") == []
    ax = draw(table, "fig3").axes[1]
    assert not ax.get_lines()
    assert [text.get_text() for text in ax.texts] == ["no such boundary"]


def stored(experiment: Experiment, folder: Path) -> tuple[CellResult, ...]:
    store = open_store(folder)
    cells = experiment.trained("quick")
    return tuple(analyse(cell, store.read(cell.name), benign) for cell in cells)


def test_the_table_is_the_mean_and_the_quantiles_of_the_runs(folder: Path):
    experiment = get_experiment("fig5")
    results = stored(experiment, folder)
    table = experiment.tabulate(results, "quick")
    drawn = [each for each in results if unit_rate(each.cell.problem) > 0.2]  # the rest is for E9
    assert len(drawn) == 12
    assert len(table) == sum(each.trajectory["test_loss"].shape[1] for each in drawn)
    result = drawn[0]
    part = table.select(panel="a", rate=0.25)
    losses = result.trajectory["test_loss"]
    np.testing.assert_array_equal(part.column("mean"), losses.mean(axis=0))
    np.testing.assert_allclose(part.column("low"), np.quantile(losses, 0.1, axis=0))
    np.testing.assert_allclose(part.column("high"), np.quantile(losses, 0.9, axis=0))
    assert part.numbers("learning_rate") == [result.cell.problem.learning_rate]


def test_the_csv_file_is_what_the_figure_is_drawn_from(folder: Path):
    experiment = get_experiment("excess")
    results = stored(experiment, folder)
    written = (folder / "tables" / "excess.csv").read_text(encoding="utf-8")
    assert written == experiment.tabulate(results, "quick").to_csv()
    lines = draw(Table.from_csv(written), "excess").axes[0].get_lines()
    part = experiment.tabulate(results, "quick").select(panel="a")
    drawn = np.concatenate([line.get_ydata() for line in lines])
    np.testing.assert_array_equal(drawn, part.column("median_log10"))


def test_diverged_runs_are_left_out_of_means_and_bands():
    assert summary([1.0, np.nan, 3.0])["mean"] == 2.0
    assert summary([np.nan])["mean"] is None
    rows = along([0, 1], np.array([[1.0, np.nan], [3.0, 5.0]]), panel="a")
    assert [row["runs"] for row in rows] == [2, 1]


values = st.one_of(
    st.none(),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["test loss", 'a "b", c', "N·SNR²"]),
)


@given(st.lists(st.tuples(values, values, values), min_size=1, max_size=6))
def test_tables_read_back_exactly(rows):
    table = Table(tuple(dict(zip(("a", "b", "c"), row, strict=True)) for row in rows))
    again = Table.from_csv(table.to_csv())
    assert again == table
    assert [type(v) for row in again for v in row.values()] == [
        type(v) for row in table for v in row.values()
    ]


@pytest.mark.parametrize("text", ["", "a,b\n", "a,b\n1\n"])
def test_what_is_not_a_table_is_refused(text):
    with pytest.raises(CompareError, match="not a table"):
        Table.from_csv(text)


@settings(deadline=None, max_examples=15)
@given(
    constant=st.floats(0.1, 10.0),
    power=st.sampled_from([1.0, 2.0]),
    runs=st.integers(4, 20),
)
def test_a_known_constant_is_recovered(constant, power, runs):
    level = np.geomspace(0.01, 100.0, 41)
    chance = 1 / (1 + (constant / level) ** (3 * power))
    fitted = law_constant(level, runs * chance, np.full(41, float(runs)))
    assert fitted["constant"] == pytest.approx(constant, rel=0.02, abs=0.0)
    assert fitted["constant_low"] <= fitted["constant"] * 1.001
    assert fitted["constant_high"] >= fitted["constant"] * 0.999


@pytest.mark.parametrize("good", [np.zeros(9), np.full(9, 4.0), np.linspace(4.0, 0.0, 9)])
def test_without_a_rise_there_is_no_constant(good):
    assert law_constant(np.geomspace(0.1, 10.0, 9), good, np.full(9, 4.0))["constant"] is None


def test_a_crossing_outside_the_cells_is_none():
    level = np.geomspace(0.1, 1.0, 9)
    assert law_constant(level, 0.02 + level / 1e3, np.full(9, 1.0))["constant"] is None


def test_a_region_that_closes_again_has_no_constant():
    level = np.geomspace(0.01, 10.0, 31)
    closed = 4.0 * ((level > 0.3) & (level < 1.0))
    assert crossing(level, closed, np.full(31, 4.0)) is None
    opened = 4.0 * (level > 0.3)
    assert crossing(level, opened, np.full(31, 4.0)) == pytest.approx(0.3, rel=0.15, abs=0.0)


def test_cells_without_runs_are_passed_over():
    level = np.array([0.1, 0.2, 0.4, 0.8])
    trials = np.array([4.0, 0.0, 4.0, 4.0])
    assert crossing(level, np.array([0.0, 0.0, 4.0, 4.0]), trials) == pytest.approx(
        0.2, rel=0.01, abs=0.0
    )
    assert crossing(level, np.zeros(4), np.zeros(4)) is None


def test_runs_that_stayed_short_count_and_bare_cut_offs_apply(folder: Path):
    results = stored(get_experiment("fig5"), folder)
    hits, trials = good_runs(results, "test_loss", bare=np.inf)
    np.testing.assert_array_equal(hits, trials)
    assert set(trials) == {2.0}
    assert good_runs(results, "test_loss", bare=0.0)[0].sum() == 0
