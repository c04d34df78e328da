"""netCDF files whose steps are not what they seem, and runs that were logged for less long."""

import numpy as np
import pytest
from curve_files import NUMBERS, THEOREM, command_on, decaying, verdict_on, write_rows

from bofcheck.compare import CompareError, Status, verify
from bofcheck.compare.userdata import curves_plan, read_curves

xr = pytest.importorskip("xarray")
pytest.importorskip("h5netcdf")

STEPS = np.arange(0, 500, 50)


def dataset(runs=70, **coords):
    loss = np.array([row[3] for row in decaying(runs=runs)]).reshape(2, runs, len(STEPS))
    given = {"cell": ["a", "b"], "run": np.arange(runs), "step": STEPS, **coords}
    return xr.Dataset({"train_loss": (("cell", "run", "step"), loss)}, given)


def saved(path, data):
    data.to_netcdf(path, engine="h5netcdf")
    return path


def test_netcdf_and_csv_get_the_same_verdict(tmp_path):
    one, _ = verdict_on(saved(tmp_path / "c.nc", dataset()))
    two, _ = verdict_on(write_rows(tmp_path / "c.csv", decaying()))
    assert one.status is Status.HOLDS
    assert one == two


BAD_STEPS = {
    "dates": (np.datetime64("2020-01-01") + STEPS.astype("timedelta64[D]"), "step holds dates"),
    "times": (STEPS.astype("timedelta64[s]").astype("timedelta64[ns]"), "step holds times in"),
    "text": ([str(step) for step in STEPS], "step holds text, not numbers"),
    "gap": ([0, np.nan, *range(8)], "step = nan: must be at least 0"),
    "twice": ([0, 0, *range(1, 9)], "step 0 is given twice"),
    "twice, late": ([*range(9), 8], "step 8 is given twice"),
    "began again": ([0, 20, 40, 60, 80, 10, 30, 50, 70, 90], "step goes back from 80 to 10"),
    "began again at 0": ([0, 20, 40, 60, 80, 0, 20, 40, 60, 80], "step goes back from 80 to 0"),
    "negative": ([-1, *range(9)], "step = -1.0: must be at least 0"),
}


@pytest.mark.parametrize(("steps", "message"), BAD_STEPS.values(), ids=BAD_STEPS.keys())
@pytest.mark.filterwarnings("ignore:.*timedelta.*:FutureWarning")
def test_steps_that_are_not_numbers_in_order_are_refused(tmp_path, steps, message):
    path = saved(tmp_path / "c.nc", dataset(runs=2, step=steps))
    with pytest.raises(CompareError, match=message) as caught:
        read_curves(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_step_dimension_without_a_coordinate_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, err, _ = command_on(saved(tmp_path / "c.nc", dataset().drop_vars("step")), capsys)
    assert code == 2
    assert "dimension step has no coordinate" in err
    assert "assign_coords(step=[0, 10, 20, ...])" in err


def test_steps_written_downwards_are_read_upwards(tmp_path):
    one = read_curves(saved(tmp_path / "one.nc", dataset()))["b"]
    two = read_curves(saved(tmp_path / "two.nc", dataset().isel(step=slice(None, None, -1))))["b"]
    np.testing.assert_array_equal(one.steps, two.steps)
    np.testing.assert_array_equal(one["train_loss"], two["train_loss"])


@pytest.mark.parametrize("kind", ["text", "dimensions"])
def test_a_needed_variable_that_cannot_be_read_is_named(tmp_path, kind):
    data = dataset(runs=2)
    if kind == "text":
        data = data.assign(train_loss=data.train_loss.astype(str))
        said = "train_loss holds text, not real numbers"
    else:
        data = data.rename(cell="Cell")
        said = "train_loss has dimensions Cell, run, step; it needs run and step"
    with pytest.raises(CompareError, match=said):
        read_curves(saved(tmp_path / "c.nc", data), ["train_loss"])


def shorter():
    """Every other run stops after step 250."""
    data = dataset()
    data.train_loss.values[:, ::2, STEPS > 250] = np.nan
    return data


def test_shorter_runs_count_as_diverged_and_the_reason_says_how_to_mark_them(tmp_path):
    verdict, _ = verdict_on(saved(tmp_path / "c.nc", shorter()))
    assert verdict.status is Status.INCONCLUSIVE
    assert "a: 35 of 70, b: 35 of 70 runs count as diverged because of gaps (NaN)" in verdict.reason
    assert "variable diverged_at with dimension run: -1 for a run that did not" in verdict.reason
    assert "more runs" not in verdict.reason


def test_shorter_runs_that_are_marked_did_not_diverge(tmp_path):
    data = shorter().assign(diverged_at=("run", np.full(70, -1)))
    verdict, _ = verdict_on(saved(tmp_path / "c.nc", data))
    # none diverged, and yet they were not watched to the end
    assert verdict.status is Status.INCONCLUSIVE
    assert "runs end before others of their cell" in verdict.reason
    assert "diverged" not in verdict.reason
    assert not any(part.diverged.any() for part in read_curves(tmp_path / "c.nc").values())


def test_a_run_that_diverged_between_two_log_steps_is_diverged(tmp_path):
    data = dataset(runs=3).assign(diverged_at=("run", [-1, 120, -1]))
    data.train_loss.values[:, 1, STEPS >= 120] = np.nan
    for curves in read_curves(saved(tmp_path / "c.nc", data)).values():
        assert curves.diverged.tolist() == [False, True, False]


def test_infinite_numbers_are_not_called_gaps(tmp_path):
    data = dataset()
    data.train_loss.values[:, :9, 4:] = np.inf
    verdict, _ = verdict_on(saved(tmp_path / "c.nc", data))
    assert verdict.reason.endswith(
        "a: 9 of 70, b: 9 of 70 runs count as diverged because of infinite numbers"
    )


def test_cells_named_in_single_precision_have_short_names(tmp_path):
    names = np.array([0.1, 2.0], dtype=np.float32)
    assert list(read_curves(saved(tmp_path / "c.nc", dataset(runs=2, cell=names)))) == ["0.1", "2"]


def test_nan_for_not_logged_is_explained_with_its_line(tmp_path):
    rows = [(c, r, t, x if t % 100 == 0 else "nan") for c, r, t, x in decaying()]
    verdict, _ = verdict_on(write_rows(tmp_path / "c.csv", rows))
    assert verdict.status is Status.INCONCLUSIVE
    assert (
        "a: 70 of 70, b: 70 of 70 runs count as diverged because of nan or inf fields, from line 3 "
        "on; an empty field means 'not measured'"
    ) in verdict.reason
    empty = [(c, r, t, "" if x == "nan" else x) for c, r, t, x in rows]
    verdict, _ = verdict_on(write_rows(tmp_path / "c.csv", empty))
    assert verdict.status is Status.HOLDS


def test_a_cell_without_any_number_is_refused(tmp_path):
    rows = [*decaying(cells=("a",), runs=8), ("b", 0, 0, ""), ("b", 1, 0, "")]
    curves = read_curves(write_rows(tmp_path / "c.csv", rows))
    with pytest.raises(CompareError, match="cell b: has no number in any run; leave the cell out"):
        verify(curves_plan(THEOREM, curves, NUMBERS))


@pytest.mark.parametrize("long", [False, True])
def test_a_run_with_numbers_of_another_quantity_alone_is_a_run_as_in_csv(tmp_path, long):
    """Its bounded quantity is missing: it cannot be decided, and is no padding."""
    data = dataset()
    data["test_loss"] = data["train_loss"].copy()
    data["train_loss"][1, 7:17] = np.nan
    data["diverged_at"] = (("cell", "run"), np.full((2, 70), -1))
    table = data.drop_vars("diverged_at").to_dataframe().reset_index()
    table.to_csv(tmp_path / "c.csv", index=False)
    if long:
        value = data[["train_loss", "test_loss"]].to_array("quantity")
        data = xr.Dataset({"value": value, "diverged_at": data["diverged_at"]})
    one, _ = verdict_on(saved(tmp_path / "c.nc", data))
    two, _ = verdict_on(tmp_path / "c.csv")
    assert one == two
    assert one.status is Status.INCONCLUSIVE
    assert one.evidence["all"]["undecided"] == 10


WRONG_ENDS = {
    "text": (("run",), np.full(4, "-1"), "diverged_at holds text, not steps"),
    "truth": (("run",), np.zeros(4, dtype=bool), "diverged_at holds true and false, not steps"),
    "one number": ((), -1, "diverged_at has dimensions none; it needs run, and may have cell"),
    "by cell": (("cell",), [-1, -1], "diverged_at has dimensions cell; it needs run"),
    "by step": (("cell", "run", "step"), np.full((2, 4, 10), -1), "cell, run, step; it needs run"),
}


@pytest.mark.parametrize(("dims", "values", "message"), WRONG_ENDS.values(), ids=WRONG_ENDS.keys())
def test_a_diverged_at_that_is_not_one_step_a_run_is_refused(tmp_path, dims, values, message):
    path = tmp_path / "c.nc"
    saved(path, dataset(runs=4).assign(diverged_at=(dims, values)))
    with pytest.raises(CompareError, match=message) as caught:
        read_curves(path, ["train_loss"])
    assert "\n" not in str(caught.value)


def test_a_diverged_at_by_cell_beside_numbers_of_one_cell_is_refused(tmp_path):
    data = dataset(runs=4).isel(cell=0, drop=True)
    data["diverged_at"] = (("cell", "run"), [[5, -1, -1, -1], [-1, -1, -1, -1]])
    with pytest.raises(CompareError, match="diverged_at has dimension cell, and train_loss has"):
        read_curves(saved(tmp_path / "c.nc", data), ["train_loss"])


@pytest.mark.parametrize("dims", [("cell", "run"), ("run", "cell"), ("run",)])
def test_a_diverged_at_in_any_order_of_dimensions_is_read(tmp_path, dims):
    values = np.full((2, 4), -1)
    values[:, 2] = 100
    table = {("cell", "run"): values, ("run", "cell"): values.T, ("run",): values[0]}[dims]
    path = saved(tmp_path / "c.nc", dataset(runs=4).assign(diverged_at=(dims, table)))
    read = read_curves(path, ["train_loss"])
    assert read["b"].diverged.tolist() == [False, False, True, False]
