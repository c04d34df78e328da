"""What is exported is the stored arrays, number for number, in every form."""

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import xarray as xr

from bofcheck.simulate import QUANTITIES, Problem, Trajectory, TrajectoryStore, train

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def stored(tmp_path: Path) -> dict[str, Trajectory]:
    store = TrajectoryStore(tmp_path / "r", {"made": "here"})
    calm = Problem(n_samples=4, dim=100, test_tokens=8)
    wild = Problem(learning_rate=1e100, train_output=True, flip_prob=0.2, test_tokens=8)
    cells = {
        "calm": train(calm, seeds=[1, 5], steps=12, log_at="every:4"),
        'odd "name", with comma': train(calm.replace(flip_prob=0.3), seeds=3, steps=3),
        "wild": train(wild, seeds=2, steps=20, log_at="every:2"),
    }
    for name, trajectory in cells.items():
        store.save(name, trajectory)
    return cells


def same(text: str, value: float) -> bool:
    """Exactly the same float64, the sign of zero included; NaN is NaN."""
    read = float(text)
    if math.isnan(value):
        return math.isnan(read)
    return read == value and math.copysign(1, read) == math.copysign(1, value)


def test_every_number_reads_back_exactly(
    tmp_path: Path, stored: dict[str, Trajectory], bofcheck: Command
) -> None:
    code, out, err = bofcheck("export", "r", "--to", "csv", "--out", "r.csv")
    assert (code, err) == (0, "")
    assert "r.csv: 3 cells" in out
    with (tmp_path / "r.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["cell", "seed", "step", *QUANTITIES, "diverged_at", "stopped_at"]
    expected = [
        (name, run, column)
        for name in sorted(stored)
        for run in range(len(stored[name].seeds))
        for column in range(len(stored[name].steps))
    ]
    assert len(rows) == len(expected)
    for row, (name, run, column) in zip(rows, expected, strict=True):
        trajectory = stored[name]
        assert row["cell"] == name
        assert int(row["seed"]) == trajectory.seeds[run]
        assert int(row["step"]) == trajectory.steps[column]
        assert int(row["diverged_at"]) == trajectory.diverged_at[run]
        for quantity in QUANTITIES:
            assert same(row[quantity], float(trajectory[quantity][run, column])), (row, quantity)
    diverged = [row for row in rows if row["cell"] == "wild" and int(row["step"]) >= 4]
    assert diverged
    assert all(np.isnan(float(row["train_loss"])) for row in diverged)


def test_parquet_reads_back_exactly(
    tmp_path: Path, stored: dict[str, Trajectory], bofcheck: Command
) -> None:
    assert bofcheck("export", "r", "--to", "parquet", "--out", "r.parquet")[0] == 0
    file = pq.ParquetFile(tmp_path / "r.parquet")
    ends = ["diverged_at", "stopped_at"]
    assert file.schema_arrow.names == ["cell", "seed", "step", *QUANTITIES, *ends]
    about = json.loads(file.schema_arrow.metadata[b"bofcheck"])
    for group, name in enumerate(sorted(stored)):
        table, trajectory = file.read_row_group(group), stored[name]
        runs, logged = len(trajectory.seeds), len(trajectory.steps)
        assert set(table["cell"].to_pylist()) == {name}
        assert table["seed"].to_pylist() == np.repeat(trajectory.seeds, logged).tolist()
        assert table["step"].to_pylist() == np.tile(trajectory.steps, runs).tolist()
        for quantity in QUANTITIES:
            assert table[quantity].to_numpy().tobytes() == trajectory[quantity].tobytes()
        ends = np.repeat(trajectory.diverged_at, logged)
        assert table["diverged_at"].to_pylist() == ends.tolist()
        assert Problem.from_toml(about["problems"][name]) == trajectory.problem


@pytest.mark.parametrize("form", ["netcdf", "npz"])
def test_labelled_arrays_read_back_exactly(
    tmp_path: Path, stored: dict[str, Trajectory], bofcheck: Command, form: str
) -> None:
    assert bofcheck("export", "r", "--to", form, "--out", "r.out")[0] == 0
    if form == "netcdf":
        with xr.open_dataset(tmp_path / "r.out", engine="h5netcdf") as data:
            arrays = {name: values.to_numpy() for name, values in data.variables.items()}
            arrays["settings"] = data.attrs["settings"]
            assert data.value.dims == ("cell", "seed", "step", "quantity")
    else:
        with np.load(tmp_path / "r.out", allow_pickle=False) as data:
            arrays = dict(data)
    assert json.loads(str(arrays["settings"])) == {"made": "here"}
    assert arrays["cell"].tolist() == sorted(stored)
    assert arrays["quantity"].tolist() == list(QUANTITIES)
    filled = 0
    for place, name in enumerate(sorted(stored)):
        trajectory = stored[name]
        rows = np.searchsorted(arrays["seed"], trajectory.seeds)
        columns = np.searchsorted(arrays["step"], trajectory.steps)
        assert arrays["seed"][rows].tolist() == trajectory.seeds.tolist()
        assert arrays["step"][columns].tolist() == trajectory.steps.tolist()
        block = arrays["value"][place][np.ix_(rows, columns)]
        for rank, quantity in enumerate(QUANTITIES):
            assert block[:, :, rank].tobytes() == trajectory[quantity].tobytes()
        assert arrays["diverged_at"][place, rows].tolist() == trajectory.diverged_at.tolist()
        assert arrays["flip_prob"][place] == trajectory.problem.flip_prob
        assert bool(arrays["train_output"][place]) is trajectory.problem.train_output
        filled += np.isfinite(block).sum()
    assert np.isfinite(arrays["value"]).sum() == filled  # what no cell has is NaN


@pytest.mark.parametrize("form", ["netcdf", "parquet"])
def test_a_library_that_is_not_there_is_one_line(
    stored: dict[str, Trajectory],
    tmp_path: Path,
    bofcheck: Command,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    code, _, err = bofcheck("export", "r", "--to", form, "--out", "r.out")
    assert code == 2
    assert err.endswith("install it with pip install 'bofcheck[export]'\n")
    assert not (tmp_path / "r.out").exists()


@pytest.mark.parametrize("form", ["csv", "netcdf", "npz", "parquet"])
def test_a_failed_export_leaves_no_file(
    tmp_path: Path, stored: dict[str, Trajectory], bofcheck: Command, form: str
) -> None:
    # the last cell is damaged behind its head, so most of the file has been made by then
    damaged = tmp_path / "r" / "trajectories" / "wild" / "0000.npz"
    payload = bytearray(damaged.read_bytes())
    payload[len(payload) // 2] ^= 1
    damaged.write_bytes(payload)
    before = sorted(path.name for path in tmp_path.iterdir())
    code, _, err = bofcheck("export", "r", "--to", form, "--out", "r.out")
    assert code == 2
    assert "wild/0000.npz" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == before
