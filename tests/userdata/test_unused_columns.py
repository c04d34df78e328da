"""Columns that are not used are named where they were probably meant."""

import pytest
from curve_files import command_on, decaying, verdict_on, write_rows

from bofcheck.compare import CompareError, Status
from bofcheck.compare.userdata import read_curves
from bofcheck.compare.userdata.unused import nearest, unused_note


@pytest.mark.parametrize("name", ["Cell", "CELL", "cells", "cel", "celll", "cell_"])
def test_a_misspelt_cell_column_is_named_on_the_screen_and_in_the_report(
    tmp_path, monkeypatch, capsys, name
):
    monkeypatch.chdir(tmp_path)
    rows = [(c, f"{c}{r}", t, x) for c, r, t, x in decaying()]
    path = write_rows("c.csv", rows, (name, "run", "step", "train_loss"))
    code, err, report = command_on(path, capsys)
    assert code == 0
    assert err == f"bofcheck: c.csv: column that is not used: {name} (did you mean cell?)\n"
    notes = report["provenance"]["settings"]["notes"]
    assert notes == [f"column that is not used: {name} (did you mean cell?)"]


def test_a_column_that_groups_runs_is_named_where_no_column_is_called_cell(tmp_path):
    rows = [(c, f"{c}{r}", t, x) for c, r, t, x in decaying()]
    header = ("learning_rate", "run", "step", "train_loss")
    _, settings = verdict_on(write_rows(tmp_path / "c.csv", rows, header))
    (note,) = settings["notes"]
    assert note.startswith(
        "no column is called cell, so all runs are of one problem; they differ in"
    )
    assert "learning_rate, which is not used; if that tells problems apart, call it cell" in note


@pytest.mark.parametrize("other", ["constant", "each run its own", "each row its own", "empty"])
def test_other_columns_are_passed_over_in_silence(tmp_path, other):
    value = {"constant": lambda r, t: 3, "each run its own": lambda r, t: f"id{r}",
             "each row its own": lambda r, t: r * 1000 + t,
             "empty": lambda r, t: ""}[other]  # fmt: skip
    rows = [(value(r, t), r, t, x) for _, r, t, x in decaying(cells=("a",), runs=140)]
    path = write_rows(tmp_path / "c.csv", rows, ("remark", "run", "step", "train_loss"))
    verdict, settings = verdict_on(path)
    assert verdict.status is Status.HOLDS
    assert "notes" not in settings


def test_quantities_of_a_long_file_that_were_probably_meant_are_named(tmp_path):
    rows = [(*row[:3], "train_loss", row[3]) for row in decaying(runs=2)]
    rows += [(*row[:3], "Test_Eror", row[3] / 9) for row in decaying(runs=2)]
    path = write_rows(tmp_path / "c.csv", rows, ("cell", "run", "step", "quantity", "value"))
    curves = read_curves(path, ["train_loss", "test_error"])
    assert curves["a"].provenance["notes"] == (
        "quantity that is not used: Test_Eror (did you mean test_error?)",
    )


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (("run", "stp", "train_loss"), "'stp' must be called step"),
        (("rrun", "stp", "train_loss"), "'rrun' must be called run; 'stp' must be called step"),
        (("run", "step", "trainloss"), r"no column train_loss; .*\(did you mean train_loss\?\)"),
    ],
)
def test_a_header_that_is_nearly_right_gets_a_hint(tmp_path, header, said):
    path = write_rows(tmp_path / "c.csv", [(0, 0, 0.5)], header)
    with pytest.raises(CompareError, match=said):
        read_curves(path, ["train_loss"])


def test_a_text_column_read_as_a_quantity_gets_a_hint(tmp_path):
    path = write_rows(tmp_path / "c.csv", decaying(runs=1), ("Cell", "run", "step", "train_loss"))
    with pytest.raises(
        CompareError, match=r"Cell = 'a': is not a number; is column Cell meant as ce"
    ):
        read_curves(path)


def test_a_netcdf_dimension_and_a_variable_that_were_probably_meant_are_named(tmp_path):
    xr = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    data = xr.Dataset(
        {"train_loss": (("run", "step"), [[0.5, 0.4]]), "Test_error": (("run", "step"), [[0, 0]]),
         "wall_time": (("run",), [3.0])},
        {"run": [0], "step": [0, 10]},
    )  # fmt: skip
    data.to_netcdf(tmp_path / "c.nc", engine="h5netcdf")
    curves = read_curves(tmp_path / "c.nc", ["train_loss", "test_error"])["data"]
    assert curves.provenance["notes"] == (
        "variables that are not used: Test_error (did you mean test_error?), wall_time",
    )


def test_a_long_list_of_columns_is_cut():
    names = [f"x{number}" for number in range(20)]
    note = unused_note("column", [*names, "Cell"], ["cell"])
    assert note.startswith("columns that are not used: Cell (did you mean cell?), x0, ")
    assert note.endswith(" and 13 more")
    assert nearest("learning_rate", ["cell", "train_loss"]) == ""
