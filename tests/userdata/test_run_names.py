"""Which names are one run or one cell."""

import numpy as np
import pytest
from curve_files import decaying, verdict_on, write_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from bofcheck.compare import CompareError, Role, Status
from bofcheck.compare.userdata import CellNumbers, read_curves
from bofcheck.compare.userdata.rows import identity

SPELLINGS = ("{}", "{}.0", " {}", "0{}", "{}e0", "+{}", "{}.")


@given(
    number=st.integers(0, 10**12), one=st.sampled_from(SPELLINGS), two=st.sampled_from(SPELLINGS)
)
def test_spellings_of_a_number_are_one_name(number, one, two):
    assert identity(one.format(number)) == identity(two.format(number)) == str(number)
    assert identity(one.format(number)) != identity(two.format(number + 1))


@pytest.mark.parametrize(
    ("one", "two"),
    [("3", "3a"), ("1_0", "10"), ("nan", "inf"), ("a", "A"), ("٣", "3"), ("0x3", "3"),
     ("20260101123456789", "20260101123456790"), ("1" * 40, "1" * 39 + "2"), ("", "0")],
)  # fmt: skip
def test_other_names_differ(one, two):
    assert identity(one) != identity(two)


def test_halves_of_a_run_under_two_spellings_are_one_run(tmp_path):
    """Each of 30 runs with its late steps written as run 3.0."""
    rows = decaying(runs=30)
    halves = [(cell, run if step < 250 else f"{run}.0", step, x) for cell, run, step, x in rows]
    plain = read_curves(write_rows(tmp_path / "plain.csv", rows))
    mixed = read_curves(write_rows(tmp_path / "mixed.csv", halves))
    for cell, curves in plain.items():
        assert mixed[cell].seeds.tolist() == curves.seeds.tolist()
        np.testing.assert_array_equal(mixed[cell]["train_loss"], curves["train_loss"])
    verdict, _ = verdict_on(tmp_path / "mixed.csv")
    assert verdict.status is Status.INCONCLUSIVE
    assert verdict.reason.startswith("0 of 30 held-out runs exceed the bound; 29 more runs")


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_the_format_of_numbers_changes_nothing(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("format")
    rows = decaying(cells=("1", "2"), runs=4, steps=(0, 10, 20))
    spelled = [
        (*(data.draw(st.sampled_from(SPELLINGS)).format(key) for key in row[:3]), repr(row[3]))
        for row in rows
    ]
    plain = read_curves(write_rows(folder / "plain.csv", rows))
    other = read_curves(write_rows(folder / "other.csv", spelled))
    assert [identity(name) for name in other] == list(plain)
    for one, two in zip(plain.values(), other.values(), strict=True):
        assert [identity(name) for name in two.seeds] == one.seeds.tolist()
        np.testing.assert_array_equal(one["train_loss"], two["train_loss"])


def test_the_order_of_cells_and_so_the_split_is_that_of_their_numbers(tmp_path):
    for cells in (("1", "2"), ("1e0", "2"), ("1.0", "2e0"), ("01", "2")):
        curves = read_curves(write_rows(tmp_path / "c.csv", decaying(cells=cells, runs=2)))
        assert [identity(name) for name in curves] == ["1", "2"]


def test_a_step_that_two_spellings_of_a_run_have_is_given_twice(tmp_path):
    path = write_rows(tmp_path / "c.csv", [("a", "3", 0, 0.5), ("a", "3.0", 0, 0.4)])
    with pytest.raises(
        CompareError, match=r"line 3: cell a, run 3, step 0: train_loss is given tw"
    ):
        read_curves(path)


def test_roles_find_a_cell_by_its_number(tmp_path):
    path = write_rows(tmp_path / "c.csv", decaying(cells=("1", "2.0")))
    roles = {"1.0": Role.HELD_OUT, "2": Role.CALIBRATION}
    numbers = CellNumbers({}, {"1.0": {"h": 0.01}, "2": {"h": 0.01}}, roles)
    verdict, _ = verdict_on(path, numbers=numbers)
    assert verdict.worst_cell == "1"
    twice = CellNumbers({"h": 0.01}, {"1.0": {"h": 0.01}, "1": {"h": 0.02}})
    with pytest.raises(CompareError, match=r"cells.1: is the same cell as cells.1.0; remove one"):
        verdict_on(path, numbers=twice)


@pytest.mark.parametrize("dim", ["run", "cell"])
def test_netcdf_labels_of_one_number_are_refused(tmp_path, dim):
    xr = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    loss = (("cell", "run", "step"), np.full((2, 2, 2), 0.5))
    coords = {"cell": ["a", "b"], "run": ["7", "8"], "step": [0, 10], dim: ["3", "3.0"]}
    xr.Dataset({"train_loss": loss}, coords).to_netcdf(tmp_path / "c.nc", engine="h5netcdf")
    with pytest.raises(CompareError, match=rf"c.nc: {dim} 3 is given twice"):
        read_curves(tmp_path / "c.nc")


def test_netcdf_runs_that_are_whole_floats_have_the_names_of_whole_numbers(tmp_path):
    xr = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    data = xr.Dataset(
        {"train_loss": (("run", "step"), [[0.5, 0.4], [0.3, 0.2]])},
        {"run": [4.0, 3.0], "step": [0, 10]},
    )
    data.to_netcdf(tmp_path / "c.nc", engine="h5netcdf")
    curves = read_curves(tmp_path / "c.nc")["data"]
    assert curves.seeds.tolist() == ["3", "4"]
    np.testing.assert_array_equal(curves["train_loss"], [[0.3, 0.2], [0.5, 0.4]])
