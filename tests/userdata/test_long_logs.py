"""Long logs take time in proportion; fractional steps are kept as they are."""

import time
from pathlib import Path

import numpy as np
import pytest
from curve_files import NUMBERS, THEOREM, command_on, decaying, verdict_on, write_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from bofcheck.compare import verify
from bofcheck.compare.figures import draw
from bofcheck.compare.figures.rows import quantile
from bofcheck.compare.figures.table import Table
from bofcheck.compare.report import document, read
from bofcheck.compare.userdata import CellNumbers, Measured, curves_plan, read_curves
from bofcheck.compare.userdata.copies import find_copies


def seconds(task):
    """The least of three times, which other work on the machine lengthens least."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        task()
        times.append(time.perf_counter() - began)
    return min(times)


def growth(task, small, large):
    """How many times longer eight times the work takes; 8 if it is linear, 64 if quadratic."""
    return seconds(lambda: task(large)) / max(seconds(lambda: task(small)), 1e-3)


def test_reading_grows_with_the_number_of_rows(tmp_path):
    files = [
        write_rows(tmp_path / f"{steps}.csv", decaying(runs=4, steps=range(steps)))
        for steps in (1000, 8000)
    ]
    assert growth(read_curves, *files) < 24


def test_tables_grow_with_the_number_of_rows():
    small, large = (
        Table(tuple({"step": step, "value": step / 3} for step in range(rows)))
        for rows in (2000, 16_000)
    )
    assert growth(Table.to_csv, small, large) < 24
    assert growth(Table.from_csv, small.to_csv(), large.to_csv()) < 24


def test_quantiles_and_copies_grow_with_the_number_of_steps():
    def results(steps):
        loss = np.random.default_rng(0).uniform(0.5, 0.6, (8, steps))
        curves = Measured(np.arange(steps), np.arange(8), {"train_loss": loss}, np.zeros(8, bool))
        return curves_plan(THEOREM, {"x": curves}, NUMBERS).parts[0].results

    small, large = results(4000), results(32_000)
    assert growth(find_copies, small, large) < 24
    values = [result[0].trajectory["train_loss"] for result in (small, large)]
    assert growth(lambda each: quantile(each, 0.5), *values) < 24


@settings(max_examples=60, deadline=None)
@given(
    runs=st.integers(1, 9), steps=st.integers(1, 12), share=st.sampled_from([0.1, 0.5, 0.9]),
    gaps=st.floats(0, 1), seed=st.integers(0, 99),
)  # fmt: skip
def test_quantiles_are_those_of_numpy_to_the_last_digit(runs, steps, share, gaps, seed):
    rng = np.random.default_rng(seed)
    values = rng.lognormal(0, 3, (runs, steps))
    values[rng.random((runs, steps)) < gaps] = np.nan
    values[rng.random((runs, steps)) < gaps / 4] = np.inf
    expected = np.full(steps, np.nan)
    for step, column in enumerate(values.T):
        if np.isfinite(column).any():
            expected[step] = np.quantile(column[np.isfinite(column)], share)
    np.testing.assert_array_equal(quantile(values, share), expected)


def test_many_runs_at_steps_of_their_own_are_read_and_decided(tmp_path):
    rng = np.random.default_rng(0)
    rows = [
        ("a", run, int(step), float(np.exp(-0.01 * step) * (0.9 + run / 1000)))
        for run in range(140)
        for step in np.sort(rng.choice(3000, 40, replace=False))
    ]
    began = time.perf_counter()
    verdict, _ = verdict_on(write_rows(tmp_path / "c.csv", rows))
    assert verdict.status.value == "HOLDS"
    assert time.perf_counter() - began < 20


def fractional(folder):
    rows = decaying(runs=60, steps=[step / 20 for step in range(40)], rate=1.0)
    return write_rows(folder / "c.csv", rows)


def test_fractional_steps_are_tabulated_drawn_and_reported(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, _, report = command_on(fractional(tmp_path), capsys)
    assert code == 0
    assert [cell["steps"] for cell in report["cells"]] == [1.95, 1.95]
    assert [cell.steps for cell in read("out").cells] == [1.95, 1.95]
    (file,) = Path("out/tables").glob("*-X1.csv")
    table = Table.from_csv(file.read_text())
    for kind in ("median", "bound"):
        np.testing.assert_array_equal(
            table.select(kind=kind).column("step"), [step / 20 for step in range(40)]
        )
    (ax,) = draw(table).axes
    assert ax.get_xscale() == "linear"
    assert ax.get_xlim() == (0, 1.95)
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), [step / 20 for step in range(40)])


@pytest.mark.parametrize(("scale", "last", "kind"), [(1, 39, int), (0.5, 19.5, float)])
def test_whole_steps_are_reported_without_decimals(scale, last, kind):
    steps = np.arange(40) * scale
    loss = np.exp(-0.01 * steps) * np.linspace(0.9, 1.1, 8)[:, None]
    curves = {"x": Measured(steps, np.arange(8), {"train_loss": loss}, np.zeros(8, bool))}
    cell = document(verify(curves_plan(THEOREM, curves, CellNumbers({"h": 0.01})))).cells[0]
    assert (cell.steps, type(cell.steps)) == (last, kind)
