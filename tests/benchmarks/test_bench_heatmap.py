"""The split of a heat map's time adds up, and leaves nothing out."""

import json
import time

import pytest

from bofcheck.simulate import Problem, TrajectoryStore
from bofcheck.simulate.grids import Grid
from bofcheck.simulate.sweep import Sweep
from heatmap import main, start_up_seconds


def slow(add):
    def slowly(store, shard):
        time.sleep(0.02)
        add(store, shard)

    return slowly


def test_phases_add_up_to_the_total(tmp_path, capsys, monkeypatch):
    # a start-up and a storing that cannot be overlooked
    monkeypatch.setattr("heatmap.start_up_seconds", lambda: 100.0)
    monkeypatch.setattr("bofcheck.simulate.TrajectoryStore.add", slow(TrajectoryStore.add))
    cells = {f"N={n}": Problem(n_samples=n, dim=20, test_tokens=5) for n in (2, 4)}
    grid = Grid("heatmap", "for tests", {"tiny": Sweep("heatmap", cells, seeds=9, steps=999)})
    monkeypatch.setattr("heatmap.get_grid", lambda name: grid)
    out = tmp_path / "heatmap.json"
    args = ["--preset", "tiny", "--seeds", "1", "--steps", "3", "--json", str(out)]
    assert main(args) == 0
    seconds = json.loads(out.read_text(encoding="utf-8"))["seconds"]
    total = seconds.pop("total")
    assert sum(seconds.values()) == pytest.approx(total, rel=1e-6, abs=0.0)
    assert seconds["start-up"] == 100.0
    assert seconds["storing"] > 2 * 0.02  # one shard a cell
    phases = ("drawing starts", "training", "test evaluation", "probing the cost")
    assert all(seconds[phase] > 0 for phase in phases)
    assert seconds["the rest"] >= 0
    shown = capsys.readouterr().out
    assert shown.startswith("2 cells, 2 runs of 3 steps")
    assert "| storing |" in shown


def test_start_up_is_a_process_of_its_own():
    assert start_up_seconds() > 0.05  # no interpreter imports numba sooner
