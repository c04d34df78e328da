"""``bofcheck sweep``: what it trains, what it says, and how it goes on after being stopped."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bofcheck.cli.commands.sweep import _duration, _size
from bofcheck.simulate import Problem, open_store, train

Command = Callable[..., tuple[int, str, str]]

TEXT = """
seeds = 70
steps = 12
log = "every:4"
[problem]
dim = 1e6
test_tokens = 8
flip_prob = 0.1
[grid]
n_samples = [4, 6]
noise_std = [0.001, 1]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "four.toml"
    path.write_text(TEXT)
    return path


def process(*args: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bofcheck", "sweep", *map(str, args)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def assert_as_trained(folder: Path, seeds: int = 70, steps: int = 12) -> None:
    store = open_store(folder)
    assert len(store.names()) == 4
    for name in store.names():
        stored = store.read(name)
        made = train(stored.problem, seeds=seeds, steps=steps, log_at="every:4")
        for quantity, values in made.quantities.items():
            assert stored[quantity].tobytes() == values.tobytes(), (name, quantity)


def test_every_combination_is_trained_and_kept(
    tmp_path: Path, file: Path, bofcheck: Command
) -> None:
    code, out, err = bofcheck("sweep", file)
    assert (code, out) == (0, "results/sweep-four: 4 cells of 70 runs\n")
    lines = err.splitlines()
    assert lines[0].startswith("bofcheck: 4 cells, 280 runs of 12 steps; about ")
    assert lines[0].endswith("B in results/sweep-four")
    assert "by a short probe" in lines[1]
    assert lines[-1] == "bofcheck: 100%  n_samples=6,noise_std=1"
    store = open_store(tmp_path / "results" / "sweep-four")
    common = {"dim": 10**6, "test_tokens": 8, "flip_prob": 0.1}
    found = {name: store.head(name, 0).problem for name in store.names()}
    assert found == {
        f"n_samples={n},noise_std={std}": Problem(n_samples=n, noise_std=std, **common)
        for n in (4, 6)
        for std in (0.001, 1)
    }
    assert_as_trained(store.folder)
    assert store.dataset().value.shape[:3] == (4, 70, 4)


def test_what_it_will_take_on_disk_is_about_right(
    tmp_path: Path, file: Path, bofcheck: Command
) -> None:
    _, _, err = bofcheck("sweep", file, "--out", "r")
    said = float(err.split("about ")[1].split(" kB")[0]) * 1000
    taken = sum(path.stat().st_size for path in (tmp_path / "r").rglob("*.*") if path.is_file())
    assert 0.8 < said / taken < 1.25


def test_the_command_line_overrides_the_file(tmp_path: Path, file: Path, bofcheck: Command) -> None:
    code, out, _ = bofcheck("sweep", file, "--seeds", 2, "--steps", 4, "--out", "r")
    assert (code, out) == (0, "r: 4 cells of 2 runs\n")
    assert_as_trained(tmp_path / "r", seeds=2, steps=4)


@pytest.mark.parametrize("grid", ["heatmap", "boundary"])
def test_named_grids_run(tmp_path: Path, bofcheck: Command, grid: str) -> None:
    code, out, _ = bofcheck("sweep", "--grid", grid, "--seeds", 1, "--steps", 2)
    assert code == 0
    data = open_store(tmp_path / "results" / f"sweep-{grid}-quick").dataset()
    assert out.startswith(f"results/sweep-{grid}-quick: {data.sizes['cell']} cells of 1 runs")
    assert np.isfinite(data.value.sel(step=0, quantity="test_loss")).all()


def test_a_finished_sweep_is_not_trained_again(
    tmp_path: Path, file: Path, bofcheck: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, first, _ = bofcheck("sweep", file, "--out", "r")
    before = {path: path.read_bytes() for path in (tmp_path / "r").rglob("*.*") if path.is_file()}
    monkeypatch.setattr("bofcheck.simulate.store.filling.train", None)
    for flags in ([], ["--resume"]):
        code, again, err = bofcheck("sweep", file, "--out", "r", *flags)
        assert (code, again) == (0, first)
        assert "every run is already there" in err
    after = {path: path.read_bytes() for path in (tmp_path / "r").rglob("*.*") if path.is_file()}
    assert after == before


def test_more_seeds_are_added_and_nothing_is_trained_twice(
    tmp_path: Path, file: Path, bofcheck: Command
) -> None:
    assert bofcheck("sweep", file, "--seeds", 2, "--out", "r")[0] == 0
    shards = [p for p in (tmp_path / "r" / "trajectories").rglob("*.*") if p.is_file()]
    first = {path: path.read_bytes() for path in shards}
    assert first
    code, _, err = bofcheck("sweep", file, "--seeds", 5, "--out", "r")
    assert code == 0
    cells = len(open_store(tmp_path / "r").names())
    assert f"{3 * cells} runs still to train" in err
    assert all(path.read_bytes() == before for path, before in first.items())
    assert bofcheck("sweep", file, "--seeds", 5, "--out", "whole")[0] == 0
    grown, whole = (open_store(tmp_path / name).dataset().load() for name in ("r", "whole"))
    assert grown.value.equals(whole.value)
    assert "every run is already there" in bofcheck("sweep", file, "--seeds", 5, "--out", "r")[2]
    code, _, err = bofcheck("sweep", file, "--seeds", 1, "--out", "r")
    assert (code, "seeds: stored 2, asked 1" in err) == (2, True)


def test_another_sweep_is_refused_with_the_difference(
    tmp_path: Path, file: Path, bofcheck: Command
) -> None:
    assert bofcheck("sweep", file, "--seeds", 1, "--out", "r")[0] == 0
    file.write_text(TEXT.replace("1e6", "1e7").replace("[4, 6]", "[4, 8]"))
    code, _, err = bofcheck("sweep", file, "--seeds", 2, "--out", "r")
    assert code == 2
    assert err.count("\n") == 1
    assert "seeds: stored 1, asked 2" in err
    assert "problem.dim: stored 1000000, asked 10000000" in err
    assert "grid.n_samples: stored [4, 6], asked [4, 8]" in err
    code, _, err = bofcheck("sweep", "--grid", "boundary", "--out", "r")
    assert code == 2
    assert "grid: stored none, asked 'boundary'" in err


def test_ctrl_c_in_the_middle_of_a_long_stretch(tmp_path: Path, file: Path) -> None:
    # two log steps a billion steps apart: without short calls nothing would hear the signal
    file.write_text(TEXT.replace("every:4", "geometric:2"))
    running = process(file, "--steps", 10**9, "--seeds", 4, "--out", tmp_path / "r")
    assert running.stderr is not None
    while "0%" not in running.stderr.readline():
        assert running.poll() is None
    time.sleep(0.5)  # well into the billion
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert out == ""
    last = err.splitlines()[-1]
    assert last.startswith("bofcheck: interrupted; 0 finished cells kept in ")
    assert last.endswith("run the same command again to go on")
    assert "Traceback" not in err


def test_a_killed_sweep_loses_one_shard_at_most(
    tmp_path: Path, file: Path, bofcheck: Command
) -> None:
    file.write_text(TEXT.replace("steps = 12", "steps = 60"))
    folder = tmp_path / "r"
    running = process(file, "--out", folder)
    manifest = folder / "manifest.jsonl"
    while not (manifest.exists() and manifest.read_bytes().count(b"\n") >= 3):
        assert running.poll() is None
        time.sleep(0.005)
    running.kill()
    running.communicate()
    assert running.returncode == -signal.SIGKILL
    kept = {path: path.read_bytes() for path in folder.rglob("[0-9]*.npz")}
    lines = manifest.read_bytes().count(b"\n")
    assert 3 <= lines < 8
    assert lines <= len(kept) <= lines + 1  # a file whose line was not written does not count
    code, _, err = bofcheck("sweep", file, "--out", folder, "--resume")
    assert code == 0
    assert "runs still to train" in err
    store = open_store(folder)
    assert sum(map(sum, store.index().values())) == 8
    done = manifest.read_bytes().splitlines()[:lines]
    assert sum(payload == path.read_bytes() for path, payload in kept.items()) >= len(done)
    assert_as_trained(folder, steps=60)


def test_a_damaged_sweep_is_mended_by_rebuild(
    tmp_path: Path, file: Path, bofcheck: Command
) -> None:
    args = ["sweep", file, "--out", "r"]
    assert bofcheck(*args)[0] == 0
    damaged = sorted((tmp_path / "r").rglob("0001.npz"))[2]
    damaged.write_bytes(damaged.read_bytes()[:-100])
    code, _, err = bofcheck(*args)
    assert code == 2
    assert "bofcheck rebuild r" in err
    code, out, _ = bofcheck("rebuild", "r")
    assert code == 0
    given_up = damaged.relative_to(tmp_path)
    assert out == f"r: 7 shards in the manifest\ngiven up: {given_up}\n"
    code, _, err = bofcheck(*args)
    assert code == 0
    assert "6 runs still to train" in err
    assert_as_trained(tmp_path / "r")


def test_numbers_are_said_in_words() -> None:
    assert [_size(x) for x in (999, 1234, 5.6e7, 3e9, 2e15)] == [
        "999 B", "1.23 kB", "56 MB", "3 GB", "2e+03 TB",
    ]  # fmt: skip
    assert [_duration(x) for x in (0.1, 61, 600, 9000)] == ["1 s", "61 s", "10 min", "2.5 h"]
