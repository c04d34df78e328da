"""What any trajectory store must do: keep, give back bit for bit, refuse to change."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bofcheck.simulate import (
    Problem,
    StoreError,
    Trajectory,
    TrajectoryStore,
    open_store,
    train,
)
from bofcheck.simulate.cellfile import decode, encode

PROBLEM = Problem(n_samples=4, dim=100, flip_prob=0.1)


@pytest.fixture(scope="module")
def trajectory() -> Trajectory:
    return train(PROBLEM, seeds=3, steps=20, log_at="every:5")


def same_bits(one: np.ndarray, other: np.ndarray) -> bool:
    return (
        one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    )


def test_what_is_saved_comes_back_bit_for_bit(tmp_path: Path, trajectory: Trajectory) -> None:
    TrajectoryStore(tmp_path / "r", {"a": 1}).save("cell", trajectory)
    again = TrajectoryStore(tmp_path / "r", {"a": 1}).read("cell")
    assert list(again.quantities) == list(trajectory.quantities)
    for name, values in trajectory.quantities.items():
        assert same_bits(values, again[name]), name
    for name in (
        "seeds",
        "steps",
        "diverged_at",
        "positive",
        "flipped_positive",
        "flipped_negative",
    ):
        assert same_bits(getattr(trajectory, name), getattr(again, name)), name
    assert again.problem == trajectory.problem
    assert dict(again.provenance) == dict(trajectory.provenance)


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
        flipped_negative=np.array([3, 0]),
    )
    assert same_bits(decode(*encode(made))["x"], array)


def test_the_folder_appears_with_the_first_cell_only(
    tmp_path: Path, trajectory: Trajectory
) -> None:
    store = TrajectoryStore(tmp_path / "deep" / "r", {"a": 1})
    assert store.names() == []
    assert store.load("cell", PROBLEM, 3, 20, "every:5") is None
    assert list(tmp_path.iterdir()) == []
    store.save("cell", trajectory)
    assert store.names() == ["cell"]
    assert json.loads((store.folder / "settings.json").read_text())["settings"] == {"a": 1}


def test_an_empty_folder_is_taken(tmp_path: Path, trajectory: Trajectory) -> None:
    store = TrajectoryStore(tmp_path, {"a": (1, 2)})
    store.save("cell", trajectory)
    assert TrajectoryStore(tmp_path, {"a": [1, 2]}).names() == ["cell"]


def test_stored_cells_never_change(tmp_path: Path, trajectory: Trajectory) -> None:
    store = TrajectoryStore(tmp_path, {})
    store.save("cell", trajectory)
    before = {path: path.read_bytes() for path in (tmp_path / "trajectories").iterdir()}
    other = train(PROBLEM, seeds=1, steps=2)
    with pytest.raises(StoreError, match="already stored"):
        store.save("cell", other)
    assert {path: path.read_bytes() for path in (tmp_path / "trajectories").iterdir()} == before


def test_names_are_sorted_and_may_hold_dots_and_spaces(
    tmp_path: Path, trajectory: Trajectory
) -> None:
    store = TrajectoryStore(tmp_path, {})
    for name in ("b", "a.json", "ein Name", "a"):
        store.save(name, trajectory)
    assert store.names() == ["a", "a.json", "b", "ein Name"]
    assert same_bits(store.read("a.json")["test_loss"], trajectory["test_loss"])


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "a\\b", ".hidden", "a\n", "x" * 201]
)
def test_a_name_cannot_leave_the_folder(tmp_path: Path, trajectory: Trajectory, name: str) -> None:
    store = TrajectoryStore(tmp_path / "r", {})
    with pytest.raises(StoreError, match="cell name"):
        store.save(name, trajectory)
    with pytest.raises(StoreError, match="cell name"):
        store.load(name, PROBLEM, 3, 20)
    assert list(tmp_path.iterdir()) == []


def test_load_gives_what_train_would(tmp_path: Path, trajectory: Trajectory) -> None:
    store = TrajectoryStore(tmp_path, {})
    store.save("cell", trajectory)
    loaded = store.load("cell", PROBLEM, seeds=3, steps=20, log_at="every:5")
    assert loaded is not None
    assert same_bits(loaded["train_loss"], trajectory["train_loss"])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"problem": PROBLEM.replace(learning_rate=0.2)}, "learning_rate: stored 0.1, asked 0.2"),
        ({"seeds": 4}, "seeds"),
        ({"steps": 30}, "logged"),
        ({"log_at": "every:4"}, "logged"),
        ({"engine": "direct"}, "engine: stored 'span', asked 'direct'"),
        ({"device": "cuda"}, "device: stored 'cpu', asked 'cuda'"),
    ],
)
def test_load_refuses_what_was_made_otherwise(
    tmp_path: Path, trajectory: Trajectory, change: dict, named: str
) -> None:
    store = TrajectoryStore(tmp_path, {})
    store.save("cell", trajectory)
    asked = {"problem": PROBLEM, "seeds": 3, "steps": 20, "log_at": "every:5"} | change
    with pytest.raises(StoreError) as caught:
        store.load("cell", **asked)
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


def test_other_settings_are_refused_with_both_values(
    tmp_path: Path, trajectory: Trajectory
) -> None:
    TrajectoryStore(tmp_path, {"preset": "quick", "seeds": 8, "gone": 1}).save("c", trajectory)
    with pytest.raises(StoreError) as caught:
        TrajectoryStore(tmp_path, {"preset": "quick", "seeds": 4, "new": True})
    message = str(caught.value)
    assert "seeds: stored 8, asked 4" in message
    assert "gone: stored 1, asked None" in message
    assert "new: stored None, asked True" in message
    assert "preset:" not in message


def test_open_store_reads_whatever_the_settings(tmp_path: Path, trajectory: Trajectory) -> None:
    TrajectoryStore(tmp_path, {"x": [1]}).save("cell", trajectory)
    store = open_store(tmp_path)
    assert (store.names(), store.settings) == (["cell"], {"x": [1]})


def test_equal_trajectories_give_equal_bytes(trajectory: Trajectory) -> None:
    assert encode(trajectory) == encode(decode(*encode(trajectory)))
