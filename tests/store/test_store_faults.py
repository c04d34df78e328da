"""Damage, interruptions and foreign folders: noticed, named, and nothing overwritten."""

import os
from pathlib import Path

import numpy as np
import pytest

from bofcheck.simulate import (
    Problem,
    StoreError,
    StoreWriteError,
    Trajectory,
    TrajectoryStore,
    open_store,
    train,
)

PROBLEM = Problem(n_samples=2, dim=10, test_tokens=2)


@pytest.fixture(scope="module")
def trajectory() -> Trajectory:
    return train(PROBLEM, seeds=1, steps=2)


@pytest.fixture
def store(tmp_path: Path, trajectory: Trajectory) -> TrajectoryStore:
    store = TrajectoryStore(tmp_path / "r", {"a": 1})
    store.save("cell", trajectory)
    return store


def file(store: TrajectoryStore, ending: str) -> Path:
    return store.folder / "trajectories" / f"cell.{ending}"


def assert_damaged(store: TrajectoryStore) -> None:
    with pytest.raises(StoreError) as caught:
        store.load("cell", PROBLEM, 1, 2)
    message = str(caught.value)
    assert "cell.npz" in message or "cell.json" in message
    assert "run the same command again" in message
    assert "\n" not in message


@pytest.mark.parametrize("ending", ["npz", "json"])
def test_any_flipped_byte_is_noticed(store: TrajectoryStore, ending: str) -> None:
    path = file(store, ending)
    sound = path.read_bytes()
    rng = np.random.default_rng(0)
    for position in rng.choice(len(sound), size=200, replace=False):
        broken = bytearray(sound)
        broken[position] ^= 1 << int(rng.integers(8))
        path.write_bytes(broken)
        assert_damaged(store)
    path.write_bytes(sound)
    assert store.load("cell", PROBLEM, 1, 2) is not None


@pytest.mark.parametrize("ending", ["npz", "json"])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_truncated_file_is_noticed(store: TrajectoryStore, ending: str, share: float) -> None:
    path = file(store, ending)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    assert_damaged(store)


@pytest.mark.parametrize("text", ["[]", "null", "{}", '{"self_sha256": 1}', "[" * 100_000, "\xff"])
def test_a_foreign_description_is_noticed(store: TrajectoryStore, text: str) -> None:
    file(store, "json").write_text(text, encoding="latin-1")
    assert_damaged(store)


def test_arrays_that_went_missing_are_named(store: TrajectoryStore) -> None:
    file(store, "npz").unlink()
    assert_damaged(store)


def test_the_remedy_works(store: TrajectoryStore, trajectory: Trajectory) -> None:
    file(store, "npz").write_bytes(b"")
    for path in (store.folder / "trajectories").glob("cell.*"):
        path.unlink()
    assert store.load("cell", PROBLEM, 1, 2) is None
    store.save("cell", trajectory)
    assert store.load("cell", PROBLEM, 1, 2) is not None


def test_arrays_without_description_are_no_cell_yet(
    store: TrajectoryStore, trajectory: Trajectory
) -> None:
    # the state a crash between the two writes leaves behind
    file(store, "json").unlink()
    assert store.names() == []
    assert store.load("cell", PROBLEM, 1, 2) is None
    store.save("cell", trajectory)
    assert store.names() == ["cell"]


@pytest.mark.parametrize("fails_at", [1, 2, 3])
def test_a_write_that_fails_leaves_no_half_cell(
    tmp_path: Path, trajectory: Trajectory, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    # renames in order: settings.json, cell.npz, cell.json
    calls = 0
    genuine = Path.replace

    def replace(self: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls == fails_at:
            raise OSError(28, os.strerror(28))
        return genuine(self, target)

    store = TrajectoryStore(tmp_path / "r", {"a": 1})
    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(StoreWriteError, match="No space left"):
        store.save("cell", trajectory)
    monkeypatch.undo()
    again = TrajectoryStore(tmp_path / "r", {"a": 1})
    assert again.load("cell", PROBLEM, 1, 2) is None
    assert list(tmp_path.rglob(".bofcheck-*")) == []
    again.save("cell", trajectory)
    assert again.names() == ["cell"]


def test_the_rest_of_a_killed_write_does_not_count_as_foreign(
    tmp_path: Path, trajectory: Trajectory
) -> None:
    (tmp_path / ".bofcheck-123-settings.json").write_bytes(b'{"form')
    store = TrajectoryStore(tmp_path, {})
    store.save("cell", trajectory)
    assert store.names() == ["cell"]


def test_a_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(StoreError, match="holds no bofcheck results"):
        TrajectoryStore(tmp_path, {})
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize(
    "text",
    ["{}", "[]", "nonsense", '{"format": "other"}', '{"format": "bofcheck results"}', "3",
     '{"format": "bofcheck results", "schema": 1, "settings": 7}'],
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
