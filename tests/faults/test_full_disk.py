"""No space left, by a real small disk and by a limit on file sizes: code 3, one line, no loss."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from forge import Ended, Forge
from small_sweep import SHARDS, assert_same_bits, finished_shards, train_all, write_sweep

from bofcheck.simulate import Trajectory

STEPS = 4
Disk = Callable[[str], Path]


@pytest.fixture(scope="module")
def expected() -> dict[str, Trajectory]:
    return train_all(STEPS)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_sweep(tmp_path / "small.toml", STEPS)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk of its own, made larger or read-only by calling again; where mounting is allowed."""
    point = tmp_path / "disk"
    point.mkdir()
    mounted = False

    def mount(options: str) -> Path:
        nonlocal mounted
        again = "remount," if mounted else ""
        command = ["mount", "-t", "tmpfs", "-o", again + options, "tmpfs", str(point)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"no disk may be mounted here: {done.stderr.strip()}")
        mounted = True
        return point

    yield mount
    if mounted:
        subprocess.run(["umount", str(point)], check=True)


def assert_told(ended: Ended, *reasons: str) -> None:
    assert (ended.code, ended.out) == (3, "")
    last = ended.err.splitlines()[-1]
    assert last.startswith("bofcheck: error: ")
    assert "cannot be written: " in last
    assert any(reason in last for reason in reasons)
    assert "Traceback" not in ended.err
    assert ended.seconds < 30


def full_at(
    size: int, disk: Disk, file: Path, forge: Forge, expected: dict[str, Trajectory]
) -> None:
    """Fill the disk, look, make room, go on."""
    folder = disk(f"size={size}k") / "r"
    assert_told(forge.run("sweep", file, "--out", folder), "No space left on device")
    kept = finished_shards(folder)
    assert len(kept) < SHARDS
    assert not list(folder.rglob(".bofcheck-*"))
    disk("size=4m")
    assert forge.run("sweep", file, "--out", folder).code == 0
    assert kept.items() <= finished_shards(folder).items()
    assert_same_bits(folder, expected)


@pytest.mark.parametrize("size", [12, 44])
def test_a_full_disk(
    size: int, disk: Disk, file: Path, forge: Forge, expected: dict[str, Trajectory]
) -> None:
    full_at(size, disk, file, forge, expected)


@pytest.mark.slow
@pytest.mark.parametrize("size", range(4, 148, 4))
def test_a_disk_full_at_any_page(
    size: int, disk: Disk, file: Path, forge: Forge, expected: dict[str, Trajectory]
) -> None:
    full_at(size, disk, file, forge, expected)


@pytest.mark.parametrize("size", [5_000, 16_000])
def test_a_limit_on_the_size_of_files(
    tmp_path: Path, size: int, file: Path, forge: Forge, expected: dict[str, Trajectory]
) -> None:
    # smaller than any shard, and than the larger ones
    folder = tmp_path / "r"
    ended = forge.run("sweep", file, "--out", folder, file_size=size)
    assert_told(ended, "File too large")
    assert str(folder) in ended.err.splitlines()[-1]
    assert not list(folder.rglob(".bofcheck-*"))
    assert forge.run("sweep", file, "--out", folder).code == 0
    assert_same_bits(folder, expected)


def test_a_manifest_that_may_not_grow(tmp_path: Path, forge: Forge) -> None:
    # of many small shards, whose lines come to more than any one of them
    file = tmp_path / "many.toml"
    counts = list(range(2, 80))
    file.write_text(
        "seeds = 1\nsteps = 1\n[problem]\ndim = 10\ntest_tokens = 2\n"
        f"[grid]\nn_samples = {counts}\n"
    )
    command = ["sweep", file, "--out", tmp_path / "r"]
    limit = 11_000
    assert_told(forge.run(*command, file_size=limit), "File too large")
    kept = finished_shards(tmp_path / "r")
    lines = (tmp_path / "r" / "manifest.jsonl").read_bytes()
    assert lines.endswith(b"\n")
    assert limit - 400 < len(lines) <= limit
    assert max(map(len, kept.values())) < limit
    assert 30 < len(kept) == lines.count(b"\n") < len(counts)
    assert forge.run(*command).code == 0
    after = finished_shards(tmp_path / "r")
    assert kept.items() <= after.items()
    assert len(after) == len(counts)


def test_a_disk_that_became_read_only(
    disk: Disk, file: Path, forge: Forge, expected: dict[str, Trajectory]
) -> None:
    folder = disk("size=4m") / "r"
    assert forge.run("sweep", file, "--out", folder).code == 0
    disk("ro")
    assert forge.run("sweep", file, "--out", folder).code == 0  # every run is already there
    disk("rw")
    victim = folder / "trajectories" / "n_samples=6,noise_std=1" / "0001.npz"
    manifest = folder / "manifest.jsonl"
    lines = manifest.read_bytes().splitlines(keepends=True)
    lost = b'6,noise_std=1", "shard": 1'
    manifest.write_bytes(b"".join(line for line in lines if lost not in line))
    victim.unlink()
    disk("ro")
    before = manifest.read_bytes()
    ended = forge.run("sweep", file, "--out", folder)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines()[-1].startswith(f"bofcheck: error: {folder}: ")
    assert "cannot be written" in ended.err
    assert manifest.read_bytes() == before
    disk("rw")
    assert forge.run("sweep", file, "--out", folder).code == 0
    assert_same_bits(folder, expected)
