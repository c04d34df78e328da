"""What any trajectory store must do: keep, give back bit for bit, refuse to change, go on."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bofcheck.simulate import CellOrder, Problem, StoreError, Trajectory, train, train_stored
from bofcheck.simulate.store import SHARD_RUNS, Store, fill_cells
from bofcheck.simulate.store.shards import PER_RUN, Shard

Open = Callable[[], Store]

PROBLEM = Problem(n_samples=4, dim=100, flip_prob=0.1, test_tokens=8)
LARGE = 2 * SHARD_RUNS + 3


@pytest.fixture(scope="module")
def trajectory() -> Trajectory:
    return train(PROBLEM, seeds=3, steps=20, log_at="every:5")


@pytest.fixture(scope="module")
def large() -> Trajectory:
    """A cell of three shards, trained in one go."""
    return train(PROBLEM, seeds=LARGE, steps=4, log_at="every:2")


def same_bits(one: np.ndarray, other: np.ndarray) -> bool:
    return (
        one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    )


def assert_equal(one: Trajectory, other: Trajectory) -> None:
    assert list(one.quantities) == list(other.quantities)
    for name, values in one.quantities.items():
        assert same_bits(values, other[name]), name
    for name in (*PER_RUN, "steps"):
        assert same_bits(getattr(one, name), getattr(other, name)), name
    assert one.problem == other.problem


def stop_after(shards: int) -> Callable[..., Trajectory]:
    """`train`, until Ctrl-C comes in the middle of a shard."""
    done = 0

    def train_some(*args: Any, **kwargs: Any) -> Trajectory:
        nonlocal done
        if done == shards:
            raise KeyboardInterrupt
        done += 1
        return train(*args, **kwargs)

    return train_some


def test_what_is_saved_comes_back_bit_for_bit(reopen: Open, trajectory: Trajectory) -> None:
    reopen().save("cell", trajectory)
    again = reopen().read("cell")
    assert_equal(again, trajectory)
    assert dict(again.provenance) == dict(trajectory.provenance)


def test_a_large_cell_is_cut_and_comes_back_whole(reopen: Open, large: Trajectory) -> None:
    reopen().save("cell", large)
    assert reopen().index() == {"cell": [True] * 3}
    assert_equal(reopen().read("cell"), large)


def test_an_empty_store_has_nothing(reopen: Open) -> None:
    store = reopen()
    assert store.names() == []
    assert store.load("cell", PROBLEM, 3, 20) is None
    assert store.missing("cell", PROBLEM, LARGE, 20) == [0, 1, 2]
    with pytest.raises(StoreError, match="missing"):
        store.read("cell")
    with pytest.raises(StoreError, match="no complete cell"):
        store.dataset()


def test_stored_cells_never_change(reopen: Open, trajectory: Trajectory) -> None:
    reopen().save("cell", trajectory)
    other = train(PROBLEM, seeds=1, steps=2)
    with pytest.raises(StoreError, match="already stored"):
        reopen().save("cell", other)
    with pytest.raises(StoreError, match="already stored"):
        reopen().add(Shard("cell", 0, 1, other))
    assert_equal(reopen().read("cell"), trajectory)


def test_names_are_sorted_and_may_hold_dots_and_spaces(
    reopen: Open, trajectory: Trajectory
) -> None:
    for name in ("b", "a.json", "ein Name", "a", 'N=4,"p"'):
        reopen().save(name, trajectory)
    assert reopen().names() == ['N=4,"p"', "a", "a.json", "b", "ein Name"]
    assert_equal(reopen().read("a.json"), trajectory)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "a\\b", ".hidden", "a\n", "x" * 201]
)
def test_a_name_cannot_leave_the_store(reopen: Open, trajectory: Trajectory, name: str) -> None:
    with pytest.raises(StoreError, match="cell name"):
        reopen().save(name, trajectory)
    with pytest.raises(StoreError, match="cell name"):
        reopen().load(name, PROBLEM, 3, 20)
    assert reopen().names() == []


def test_load_gives_what_train_would(reopen: Open, trajectory: Trajectory) -> None:
    reopen().save("cell", trajectory)
    loaded = reopen().load("cell", PROBLEM, seeds=3, steps=20, log_at="every:5")
    assert loaded is not None
    assert_equal(loaded, trajectory)


CHANGES = [
    ({"problem": PROBLEM.replace(learning_rate=0.2)}, "learning_rate: stored 0.1, asked 0.2"),
    ({"seeds": 4}, "seeds"),
    ({"seeds": 1}, "seeds"),
    ({"seeds": 3 + SHARD_RUNS}, "seeds"),
    ({"steps": 30}, "logged"),
    ({"log_at": "every:4"}, "logged"),
    ({"engine": "direct"}, "engine: stored 'span', asked 'direct'"),
    ({"device": "cuda"}, "device: stored 'cpu', asked 'cuda'"),
]


@pytest.mark.parametrize(("change", "named"), CHANGES)
def test_load_refuses_what_was_made_otherwise(
    reopen: Open, trajectory: Trajectory, change: dict, named: str
) -> None:
    reopen().save("cell", trajectory)
    asked = {"problem": PROBLEM, "seeds": 3, "steps": 20, "log_at": "every:5"} | change
    with pytest.raises(StoreError) as caught:
        reopen().load("cell", **asked)
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "named"),
    [*CHANGES[:2], ({"seeds": LARGE + SHARD_RUNS}, "seeds"), *CHANGES[4:]],
)
def test_an_unfinished_cell_is_not_mixed_with_other_runs(
    reopen: Open, large: Trajectory, change: dict, named: str
) -> None:
    part = replace(
        large,
        quantities={name: values[:SHARD_RUNS] for name, values in large.quantities.items()},
        **{name: getattr(large, name)[:SHARD_RUNS] for name in PER_RUN},
    )
    reopen().add(Shard("cell", 0, 3, part))
    asked = {"problem": PROBLEM, "seeds": LARGE, "steps": 4, "log_at": "every:2"}
    assert reopen().missing("cell", **asked) == [1, 2]
    with pytest.raises(StoreError) as caught:
        reopen().missing("cell", **(asked | change))
    assert named in str(caught.value)


@pytest.mark.parametrize("shards", [0, 1, 2])
def test_an_interrupted_cell_goes_on_to_the_same_bits(
    reopen: Open, large: Trajectory, shards: int
) -> None:
    order = CellOrder("cell", PROBLEM, LARGE, 4, log_at="every:2")
    with pytest.raises(KeyboardInterrupt):
        fill_cells(reopen(), [order], trainer=stop_after(shards))
    store = reopen()
    assert store.names() == []
    assert sum(store.index().get("cell", [])) == shards
    if shards:
        with pytest.raises(StoreError, match=f"only {shards} of 3 shards"):
            store.read("cell")
    assert fill_cells(reopen(), [order]) == 3 - shards
    assert fill_cells(reopen(), [order], trainer=stop_after(0)) == 0
    assert_equal(reopen().read("cell"), large)


def test_progress_counts_the_whole_cell(reopen: Open) -> None:
    seen: list[int] = []
    order = CellOrder("cell", PROBLEM, LARGE, 40, log_at="every:20")
    train_stored(reopen(), order, progress=lambda name, done, total: seen.append(done))
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0, 40)


def test_another_process_may_be_quicker(reopen: Open, trajectory: Trajectory) -> None:
    order = CellOrder("cell", PROBLEM, 3, 20, log_at="every:5")

    def overtaken(*args: Any, **kwargs: Any) -> Trajectory:
        reopen().save("cell", trajectory)
        return train(*args, **kwargs)

    assert_equal(train_stored(reopen(), order, trainer=overtaken), trajectory)


def test_provenance_of_shards_is_put_together(reopen: Open, trajectory: Trajectory) -> None:
    for rank, threads in enumerate((2, 1, 2)):
        made = {"threads": threads, "engine": "span", "wall_seconds": 0.5}
        reopen().add(Shard("cell", rank, 3, replace(trajectory, provenance=made)))
    assert reopen().read("cell").provenance == {
        "threads": [2, 1], "engine": "span", "wall_seconds": 1.5,
    }  # fmt: skip
