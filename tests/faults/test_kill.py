"""SIGKILL at any moment: what was finished stays, and the same command ends at the same bits."""

import time
from pathlib import Path

import numpy as np
import pytest
from forge import Forge
from small_sweep import (
    SHARDS,
    assert_same_bits,
    count_lines,
    finished_shards,
    train_all,
    write_sweep,
)

from bofcheck.simulate import Trajectory

STEPS = 250


@pytest.fixture(scope="module")
def expected() -> dict[str, Trajectory]:
    return train_all(STEPS)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_sweep(tmp_path / "small.toml", STEPS)


def assert_kept(before: dict[Path, bytes], after: dict[Path, bytes]) -> None:
    assert before.items() <= after.items()


@pytest.mark.parametrize("percent", [20, 50, 75, 90])
def test_killed_when_so_much_was_done(
    tmp_path: Path, file: Path, forge: Forge, expected: dict[str, Trajectory], percent: int
) -> None:
    def killed_at(folder: Path) -> bool:
        """Whether the kill came before the end; a busy machine may be too late."""
        pid = forge.start("sweep", file, "--out", folder)
        deadline = time.monotonic() + 30
        while count_lines(folder) < percent / 100 * SHARDS and time.monotonic() < deadline:
            time.sleep(0.001)
        return forge.kill(pid).code == -9 and len(finished_shards(folder)) < SHARDS

    folder = next(r for r in (tmp_path / f"r{k}" for k in range(10)) if killed_at(r))
    kept = finished_shards(folder)
    assert percent / 100 * SHARDS <= len(kept)
    ended = forge.run("sweep", file, "--out", folder, "--resume")
    assert (ended.code, ended.out) == (0, f"{folder}: 6 cells of 66 runs\n")
    assert_kept(kept, finished_shards(folder))
    assert_same_bits(folder, expected)


def kill_at_random(
    kills: int, tmp_path: Path, file: Path, forge: Forge, expected: dict[str, Trajectory]
) -> None:
    """Kill a sweep again and again; when one got through, begin another."""
    rng = np.random.default_rng(kills)
    whole = forge.run("sweep", file, "--out", tmp_path / "whole").seconds
    folders = [tmp_path / "r0"]
    killed, kept = 0, {}
    while killed < kills:
        pid = forge.start("sweep", file, "--out", folders[-1])
        time.sleep(rng.uniform(0, 0.6 * whole))
        ended = forge.kill(pid)
        assert ended.code in (-9, 0)
        after = finished_shards(folders[-1])
        assert_kept(kept, after)
        kept = after
        if ended.code == 0:
            assert_same_bits(folders[-1], expected)
            folders.append(tmp_path / f"r{len(folders)}")
            kept = {}
        else:
            killed += 1
    assert forge.run("sweep", file, "--out", folders[-1]).code == 0
    assert_kept(kept, finished_shards(folders[-1]))
    assert_same_bits(folders[-1], expected)


@pytest.mark.slow
def test_killed_at_20_random_instants(
    tmp_path: Path, file: Path, forge: Forge, expected: dict[str, Trajectory]
) -> None:
    kill_at_random(20, tmp_path, file, forge, expected)


@pytest.mark.slow
def test_killed_at_120_random_instants(
    tmp_path: Path, file: Path, forge: Forge, expected: dict[str, Trajectory]
) -> None:
    kill_at_random(120, tmp_path, file, forge, expected)
