"""The exported table is the stored arrays, number for number."""

import csv
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bofcheck.simulate import QUANTITIES, Problem, Trajectory, TrajectoryStore, train

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def stored(tmp_path: Path) -> dict[str, Trajectory]:
    store = TrajectoryStore(tmp_path / "r", {})
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
    assert list(rows[0]) == ["cell", "seed", "step", *QUANTITIES, "diverged_at"]
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


def test_a_failed_export_leaves_no_file(
    tmp_path: Path, stored: dict[str, Trajectory], bofcheck: Command
) -> None:
    # the last cell is damaged, so most of the table has been made by then
    (tmp_path / "r" / "trajectories" / "wild" / "0000.npz").write_bytes(b"")
    before = sorted(path.name for path in tmp_path.iterdir())
    code, _, err = bofcheck("export", "r", "--to", "csv", "--out", "r.csv")
    assert code == 2
    assert "wild/0000.npz" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == before
