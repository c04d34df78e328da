"""What a loop records is what a check reads, also after the loop was killed."""

import os
import subprocess
import sys

import numpy as np
import pytest

import bofcheck
from bofcheck.compare import CompareError
from bofcheck.compare.userdata import read_curves
from bofcheck.simulate import Problem, TrajectoryStore, train


@pytest.mark.parametrize("name", ["c.csv", "c.jsonl"])
def test_what_was_logged_reads_back_to_the_last_bit(tmp_path, name):
    values = np.random.default_rng(0).lognormal(size=(3, 5))
    with bofcheck.Recorder(tmp_path / name) as recorder:
        for run in range(3):
            for step in range(5):
                loss = values[run, step] if (run, step) != (1, 4) else np.nan
                recorder.log(run=run, step=step, train_loss=loss, test_error=None)
    curves = read_curves(tmp_path / name, ["train_loss"])["data"]
    assert curves.diverged.tolist() == [False, True, False]
    np.testing.assert_array_equal(curves["train_loss"][[0, 2]], values[[0, 2]])


def test_a_killed_loop_keeps_every_line_and_is_continued(tmp_path):
    path = tmp_path / "c.csv"
    code = (
        "import os, bofcheck\n"
        f"recorder = bofcheck.Recorder({str(path)!r})\n"
        "for step in range(7):\n    recorder.log(run=0, step=step, train_loss=1.0)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=os.environ, check=False)
    assert done.returncode == -9
    assert read_curves(path)["data"].steps.tolist() == list(range(7))
    with path.open("ab") as file:
        file.write(b"0,7,0.")
    with bofcheck.Recorder(path) as recorder:
        recorder.log(run=0, step=7, train_loss=2.0)
    assert read_curves(path)["data"]["train_loss"][0].tolist() == [1.0] * 7 + [2.0]


def test_rows_that_do_not_fit_are_refused(tmp_path):
    recorder = bofcheck.Recorder(tmp_path / "c.csv")
    recorder.log(run=0, step=0, train_loss=1.0)
    for values, message in (
        ({"gap": 1.0}, "has no column gap"),
        ({"train_loss": "low"}, "is not a number"),
        ({"train_loss": np.ones(2)}, "holds several numbers"),
    ):
        with pytest.raises(CompareError, match=message):
            recorder.log(run=0, step=1, **values)
    with pytest.raises(CompareError, match="step = -1: must be at least 0"):
        recorder.log(run=0, step=-1)
    recorder.close()
    with pytest.raises(CompareError, match=r"a recorder writes .csv or .jsonl"):
        bofcheck.Recorder(tmp_path / "c.parquet")


def test_a_parquet_file_is_written_on_close(tmp_path):
    pytest.importorskip("pyarrow")
    with bofcheck.Recorder(tmp_path / "c.csv", parquet=tmp_path / "c.parquet") as recorder:
        recorder.log(run=0, step=0, train_loss=0.25)
        assert not (tmp_path / "c.parquet").exists()
    assert read_curves(tmp_path / "c.parquet")["data"]["train_loss"].tolist() == [[0.25]]


def test_a_results_folder_opens_as_a_dataset_and_its_curves_are_checked(tmp_path):
    store = TrajectoryStore(tmp_path, {})
    for n in (4, 8):
        store.save(f"n{n}", train(Problem(n_samples=n, dim=1000), seeds=2, steps=3))
    data = bofcheck.open(tmp_path)
    assert data.train_loss.dims == ("cell", "seed", "step")
    assert data.n_samples.values.tolist() == [4, 8]
    trained = store.read("n8")["train_loss"]
    np.testing.assert_array_equal(data.train_loss.sel(cell="n8"), trained)
    result = bofcheck.check(bofcheck.theorem("x").upper("train_loss", "C*N"), tmp_path)
    assert [each.values["N"] for each in result.study.results] == [4.0, 8.0]
