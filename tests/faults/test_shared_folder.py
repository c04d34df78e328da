"""A folder others write to, hold, or forbid."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from forge import Forge
from small_sweep import SHARDS, assert_same_bits, count_lines, train_all, write_sweep

from bofcheck.simulate import Trajectory

STEPS = 40
NOBODY = 65534


@pytest.fixture(scope="module")
def expected() -> dict[str, Trajectory]:
    return train_all(STEPS)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_sweep(tmp_path / "small.toml", STEPS)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder every user can get to."""
    path = Path(tempfile.mkdtemp(prefix="bofcheck-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.mark.parametrize("count", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_several_processes_fill_one_folder(
    tmp_path: Path, file: Path, forge: Forge, expected: dict[str, Trajectory], count: int
) -> None:
    folder = tmp_path / "r"
    running = [forge.start("sweep", file, "--out", folder) for _ in range(count)]
    for pid in running:
        ended = forge.wait(pid)
        assert ended.code == 0, ended.err
    assert count_lines(folder) == SHARDS
    assert_same_bits(folder, expected)


def test_one_of_two_processes_is_killed(
    tmp_path: Path, file: Path, forge: Forge, expected: dict[str, Trajectory]
) -> None:
    folder = tmp_path / "r"
    victim, other = (forge.start("sweep", file, "--out", folder) for _ in range(2))
    while count_lines(folder) < 3:
        time.sleep(0.001)
    forge.kill(victim)
    assert forge.wait(other).code == 0
    assert count_lines(folder) == SHARDS
    assert_same_bits(folder, expected)


def hold(forge: Forge, folder: Path) -> int:
    """A process that holds the folder's lock and does nothing else."""
    folder.mkdir(exist_ok=True)
    pid = forge.start(hold=str(folder))
    while not list(forge.folder.glob(f"output-{forge._count}")):
        time.sleep(0.001)
    return pid


def test_a_lock_dies_with_its_owner(
    tmp_path: Path, file: Path, forge: Forge, expected: dict[str, Trajectory]
) -> None:
    folder = tmp_path / "r"
    owner = hold(forge, folder)
    os.kill(owner, signal.SIGKILL)
    ended = forge.run("sweep", file, "--out", folder)
    assert ended.code == 0
    assert ended.seconds < 20
    assert_same_bits(folder, expected)


def assert_waits(tmp_path: Path, file: Path, forge: Forge, patience: float) -> None:
    folder = tmp_path / "r"
    owner = hold(forge, folder)
    os.kill(owner, signal.SIGSTOP)
    ended = forge.run("sweep", file, "--out", folder, patience=patience)
    os.kill(owner, signal.SIGKILL)
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.splitlines()[-1] == (
        f"bofcheck: error: {folder}: another process has been writing to it for {patience:.0f} s; "
        "end it if it hangs, and run the same command again"
    )
    assert patience < ended.seconds < patience + 5
    assert forge.run("sweep", file, "--out", folder).code == 0


def test_a_lock_whose_owner_hangs(tmp_path: Path, file: Path, forge: Forge) -> None:
    assert_waits(tmp_path, file, forge, 1.0)


@pytest.mark.slow
def test_no_lock_is_waited_for_longer_than_25_seconds(
    tmp_path: Path, file: Path, forge: Forge
) -> None:
    assert_waits(tmp_path, file, forge, 25.0)


def as_nobody() -> dict[str, int]:
    """Nothing is write-protected for root."""
    return {"uid": NOBODY} if os.geteuid() == 0 else {}


def test_a_folder_that_may_not_be_made(open_folder: Path, file: Path, forge: Forge) -> None:
    mine = Path(shutil.copy(file, open_folder))
    mine.chmod(0o644)
    open_folder.chmod(0o555)
    ended = forge.run("sweep", mine, "--out", open_folder / "r", **as_nobody())
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"bofcheck: error: {open_folder / 'r'}: {open_folder} cannot be written; choose another "
        "folder\n"
    )
    open_folder.chmod(0o755)


def test_an_unfinished_folder_that_may_not_be_written(
    open_folder: Path, file: Path, forge: Forge, expected: dict[str, Trajectory]
) -> None:
    mine = Path(shutil.copy(file, open_folder))
    mine.chmod(0o644)
    folder = open_folder / "r"
    pid = forge.start("sweep", mine, "--out", folder)
    while count_lines(folder) < 3:
        time.sleep(0.001)
    forge.kill(pid)
    every = [folder, *folder.rglob("*")]
    for path in every:
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = {path: path.read_bytes() for path in every if path.is_file()}
    ended = forge.run("sweep", mine, "--out", folder, **as_nobody())
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines()[-1].startswith(f"bofcheck: error: {folder}: ")
    assert "cannot be written; choose another folder" in ended.err
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    for path in every:
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert forge.run("sweep", mine, "--out", folder).code == 0
    assert_same_bits(folder, expected)


def test_a_finished_folder_that_may_only_be_read(
    open_folder: Path, file: Path, forge: Forge
) -> None:
    mine = Path(shutil.copy(file, open_folder))
    mine.chmod(0o644)
    folder = open_folder / "r"
    assert forge.run("sweep", mine, "--out", folder).code == 0
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    ended = forge.run("sweep", mine, "--out", folder, **as_nobody())
    assert (ended.code, ended.out) == (0, f"{folder}: 6 cells of 66 runs\n")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
