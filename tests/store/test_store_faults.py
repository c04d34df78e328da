"""Damage, interruptions and foreign folders: noticed, named, and nothing overwritten."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bofcheck.simulate import (
    Problem,
    StoreError,
    StoreWriteError,
    Trajectory,
    TrajectoryStore,
    open_store,
    train,
)
from bofcheck.simulate.store import rebuild
from bofcheck.simulate.store.shardfile import decode, encode
from bofcheck.simulate.store.shards import Shard

PROBLEM = Problem(n_samples=2, dim=10, test_tokens=2)


@pytest.fixture(scope="module")
def trajectory() -> Trajectory:
    return train(PROBLEM, seeds=1, steps=2)


@pytest.fixture
def store(tmp_path: Path, trajectory: Trajectory) -> TrajectoryStore:
    store = TrajectoryStore(tmp_path / "r", {"a": 1})
    store.save("cell", trajectory)
    return store


def shard_file(store: TrajectoryStore) -> Path:
    return store.folder / "trajectories" / "cell" / "0000.npz"


def manifest(store: TrajectoryStore) -> Path:
    return store.folder / "manifest.jsonl"


def assert_damaged(folder: Path, named: str = "cell/0000.npz") -> None:
    store = TrajectoryStore(folder, {"a": 1})
    with pytest.raises(StoreError) as caught:
        store.load("cell", PROBLEM, 1, 2)
    message = str(caught.value)
    assert named in message
    assert f"bofcheck rebuild {folder}" in message
    assert "\n" not in message


@settings(max_examples=30, deadline=None)
@given(
    values=hnp.arrays(np.uint64, (2, 3), elements=st.integers(0, 2**64 - 1)),
    dtype=st.sampled_from([np.float64, np.int64, np.uint64]),
)
def test_any_bit_pattern_survives(values: np.ndarray, dtype: type) -> None:
    # every float64 there is, NaN payloads and signed zeros included
    array = values.view(dtype)
    made = Trajectory(
        problem=PROBLEM,
        seeds=np.arange(2),
        steps=np.array([0, 1, 2]),
        quantities={"x": array},
        diverged_at=np.array([-1, 2]),
        positive=np.array([1, 2]),
        flipped_positive=np.array([0, 1]),
        flipped_negative=np.array([1, 0]),
    )
    again = decode(encode(Shard("c", 0, 1, made))).trajectory["x"]
    assert (again.dtype, again.tobytes()) == (array.dtype, array.tobytes())


def test_equal_shards_give_equal_bytes(trajectory: Trajectory) -> None:
    shard = Shard("c", 2, 5, trajectory)
    assert encode(shard) == encode(decode(encode(shard)))
    assert encode(shard, "a") != encode(shard, "b")


def test_the_folder_appears_with_the_first_cell_only(
    tmp_path: Path, trajectory: Trajectory
) -> None:
    store = TrajectoryStore(tmp_path / "deep" / "r", {"a": (1, 2)})
    assert store.load("cell", PROBLEM, 1, 2) is None
    assert list(tmp_path.iterdir()) == []
    store.save("cell", trajectory)
    assert TrajectoryStore(tmp_path / "deep" / "r", {"a": [1, 2]}).names() == ["cell"]


def test_what_the_files_hold_is_what_was_promised(store: TrajectoryStore) -> None:
    assert sorted(str(path.relative_to(store.folder)) for path in store.folder.rglob("*.*")) == [
        "manifest.jsonl", "settings.json", "trajectories/cell/0000.npz",
    ]  # fmt: skip
    digest = hashlib.sha256(shard_file(store).read_bytes()).hexdigest()
    assert digest in manifest(store).read_text()
    provenance = store.head("cell", 0).provenance
    assert {"bofcheck", "python", "numpy", "numba", "engine", "device", "dtype", "threads",
            "machine", "wall_seconds"} <= set(provenance)  # fmt: skip


def test_any_flipped_byte_of_a_shard_is_noticed(store: TrajectoryStore) -> None:
    path = shard_file(store)
    sound = path.read_bytes()
    rng = np.random.default_rng(0)
    # everywhere a bit, and every byte of the arrays that are read before the file's checksum
    early = [sound.index(name + b".npy") for name in (b"seeds", b"steps")]
    head = [first + offset for first in early for offset in range(160)]
    for position in [*head, *rng.choice(len(sound), size=150, replace=False)]:
        broken = bytearray(sound)
        broken[position] ^= 1 << int(rng.integers(8))
        path.write_bytes(broken)
        assert_damaged(store.folder)
    path.write_bytes(sound)
    assert store.load("cell", PROBLEM, 1, 2) is not None


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_truncated_shard_is_noticed(store: TrajectoryStore, share: float) -> None:
    path = shard_file(store)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    assert_damaged(store.folder)


def test_a_shard_that_went_missing_is_named(store: TrajectoryStore) -> None:
    shard_file(store).unlink()
    assert_damaged(store.folder)


def test_a_flipped_byte_of_the_manifest_changes_no_number(store: TrajectoryStore) -> None:
    path = manifest(store)
    sound = path.read_bytes()
    for position in range(len(sound)):
        broken = bytearray(sound)
        broken[position] ^= 1 << (position % 8)
        path.write_bytes(broken)
        if position == len(sound) - 1:  # without its line end the line does not count yet
            assert TrajectoryStore(store.folder, {"a": 1}).names() == []
        else:
            assert_damaged(store.folder, "manifest.jsonl: line 1 is damaged")


@pytest.mark.parametrize("text", ["[]", "null", "{}", '{"check": 1}', "[" * 100_000, "\xff"])
def test_a_foreign_line_of_the_manifest_is_noticed(store: TrajectoryStore, text: str) -> None:
    with manifest(store).open("a", encoding="latin-1") as file:
        file.write(text + "\n")
    assert_damaged(store.folder, "manifest.jsonl: line 2 is damaged")


def test_a_line_cut_off_by_a_crash_does_not_count(
    store: TrajectoryStore, trajectory: Trajectory
) -> None:
    whole = manifest(store).read_bytes()
    store.save("b", trajectory)
    manifest(store).write_bytes(manifest(store).read_bytes()[:-30])
    again = TrajectoryStore(store.folder, {"a": 1})
    assert again.names() == ["cell"]
    again.save("b", trajectory)  # over the shard file that is there without a line
    assert TrajectoryStore(store.folder, {"a": 1}).names() == ["b", "cell"]
    assert manifest(store).read_bytes().startswith(whole)
    assert manifest(store).read_bytes().count(b"\n") == 2


def test_rebuild_finds_every_sound_shard(store: TrajectoryStore, trajectory: Trajectory) -> None:
    for name in ("a", "b", "odd, name"):
        store.save(name, trajectory)
    lines = sorted(manifest(store).read_bytes().splitlines())
    manifest(store).unlink()
    assert TrajectoryStore(store.folder, {"a": 1}).names() == []
    assert rebuild(store.folder) == (4, [])
    assert sorted(manifest(store).read_bytes().splitlines()) == lines


def test_rebuild_gives_up_what_is_damaged_and_touches_nothing_else(
    store: TrajectoryStore, trajectory: Trajectory
) -> None:
    for name in ("b", "c"):
        store.save(name, trajectory)
    damaged = store.folder / "trajectories" / "b" / "0000.npz"
    damaged.write_bytes(damaged.read_bytes()[:-9])
    stray = store.folder / "trajectories" / "c" / "0007.npz"
    stray.write_bytes(shard_file(store).read_bytes())
    notes = store.folder / "trajectories" / "c" / "notes.txt"
    notes.write_text("mine")
    (store.folder / "trajectories" / ".bofcheck-1-0000.npz").write_bytes(b"PK")
    assert rebuild(store.folder) == (2, [damaged, stray])
    assert notes.read_text() == "mine"
    assert list(store.folder.rglob(".bofcheck-*")) == []
    again = TrajectoryStore(store.folder, {"a": 1})
    assert again.names() == ["c", "cell"]
    again.save("b", trajectory)
    assert again.load("b", PROBLEM, 1, 2) is not None


@pytest.mark.parametrize("fails_at", [1, 2])
def test_a_rename_that_fails_leaves_no_half_cell(
    tmp_path: Path, trajectory: Trajectory, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    # renames in order: settings.json, 0000.npz
    calls = 0
    genuine = Path.replace

    def replace(self: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls == fails_at:
            raise OSError(28, os.strerror(28))
        return genuine(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    assert_recovers(tmp_path / "r", trajectory, monkeypatch)


@pytest.mark.parametrize("fails_at", [1, 2, 3, 4, 5])
def test_a_flush_that_fails_leaves_no_half_cell(
    tmp_path: Path, trajectory: Trajectory, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    # flushes in order: settings.json, its folder, 0000.npz, its folder, the manifest's line
    calls = 0
    genuine = os.fsync

    def fsync(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == fails_at:
            raise OSError(28, os.strerror(28))
        genuine(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    assert_recovers(tmp_path / "r", trajectory, monkeypatch)


def assert_recovers(folder: Path, trajectory: Trajectory, monkeypatch: pytest.MonkeyPatch) -> None:
    store = TrajectoryStore(folder, {"a": 1})
    with pytest.raises(StoreWriteError, match="No space left"):
        store.save("cell", trajectory)
    monkeypatch.undo()
    again = TrajectoryStore(folder, {"a": 1})
    assert again.load("cell", PROBLEM, 1, 2) is None
    assert list(folder.parent.rglob(".bofcheck-*")) == []
    again.save("cell", trajectory)
    assert again.names() == ["cell"]


def test_two_writers_take_turns(tmp_path: Path, trajectory: Trajectory) -> None:
    store = TrajectoryStore(tmp_path, {"a": 1})
    store.save("first", trajectory)
    script = (
        "import sys; from bofcheck.simulate import *\n"
        "store = TrajectoryStore(sys.argv[1], {'a': 1})\n"
        "made = train(Problem(n_samples=2, dim=10, test_tokens=2), seeds=1, steps=2)\n"
        "print('ready', flush=True)\n"
        "store.save('second', made)\n"
    )
    descriptor = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    other = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "ready\n"
    with pytest.raises(subprocess.TimeoutExpired):
        other.wait(timeout=0.3)
    os.close(descriptor)
    assert other.wait(timeout=60) == 0
    other.stdout.close()
    assert store.names() == ["first", "second"]


def test_other_settings_are_refused_with_both_values(
    tmp_path: Path, trajectory: Trajectory
) -> None:
    TrajectoryStore(tmp_path, {"preset": "quick", "seeds": 8, "gone": 1}).save("c", trajectory)
    with pytest.raises(StoreError) as caught:
        TrajectoryStore(tmp_path, {"preset": "quick", "seeds": 4, "new": True})
    message = str(caught.value)
    assert "seeds: stored 8, asked 4" in message
    assert "gone: stored 1, asked none" in message
    assert "new: stored none, asked True" in message
    assert "preset:" not in message
    assert open_store(tmp_path).settings == {"preset": "quick", "seeds": 8, "gone": 1}


def test_the_rest_of_a_killed_write_does_not_count_as_foreign(
    tmp_path: Path, trajectory: Trajectory
) -> None:
    (tmp_path / ".bofcheck-123-settings.json").write_bytes(b'{"form')
    store = TrajectoryStore(tmp_path, {})
    store.save("cell", trajectory)
    assert store.names() == ["cell"]


def test_a_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    for attempt in (lambda: TrajectoryStore(tmp_path, {}), lambda: rebuild(tmp_path)):
        with pytest.raises(StoreError, match="holds no bofcheck results"):
            attempt()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize(
    "text",
    ["{}", "[]", "nonsense", '{"format": "other"}', '{"format": "bofcheck results"}', "3",
     '{"format": "bofcheck results", "schema": 2, "settings": 7}'],
)  # fmt: skip
def test_foreign_settings_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.json").write_text(text)
    with pytest.raises(StoreError, match="settings"):
        open_store(tmp_path)
    assert (tmp_path / "settings.json").read_text() == text


def test_another_layout_is_refused(tmp_path: Path) -> None:
    text = '{"format": "bofcheck results", "schema": 99, "settings": {}}'
    (tmp_path / "settings.json").write_text(text)
    with pytest.raises(StoreError, match="layout 99"):
        TrajectoryStore(tmp_path, {})


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("mine")
    for folder in (path, path / "below"):
        with pytest.raises(StoreError, match="is a file; give a folder"):
            TrajectoryStore(folder, {})
    with pytest.raises(StoreError, match="is a file"):
        open_store(path)
    assert path.read_text() == "mine"


def test_nothing_to_open(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(StoreError, match="no results here"):
            open_store(folder)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is write-protected for root")
def test_a_protected_folder_is_refused_before_the_run(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="cannot be written"):
        TrajectoryStore(tmp_path / "r", {})


def test_a_folder_removed_under_way_is_not_made_again(
    tmp_path: Path, trajectory: Trajectory
) -> None:
    store = TrajectoryStore(tmp_path / "r", {})
    store.save("first", trajectory)
    shutil.rmtree(tmp_path / "r")
    with pytest.raises(StoreWriteError, match="was removed while it was written to"):
        store.save("second", trajectory)
    assert not (tmp_path / "r").exists()


def test_rebuild_gives_up_what_cannot_be_read(tmp_path: Path, trajectory: Trajectory) -> None:
    store = TrajectoryStore(tmp_path, {})
    store.save("cell", trajectory)
    stray = tmp_path / "trajectories" / "cell" / "0007.npz"
    stray.mkdir()
    assert rebuild(tmp_path) == (1, [stray])
    assert store.names() == ["cell"]
