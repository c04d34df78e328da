"""A store that grows: more runs follow in new shards, the first runs are a smaller cell."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore

from bofcheck.simulate import CellOrder, Problem, StoreError, Trajectory, TrajectoryStore, train
from bofcheck.simulate.store import SHARD_RUNS, Store, fill_cells, rebuild
from bofcheck.simulate.store.growth import layout
from bofcheck.simulate.store.shards import PER_RUN

PROBLEM = Problem(n_samples=4, dim=100, flip_prob=0.1, test_tokens=8)
Open = Callable[..., Store]


@pytest.fixture(params=["folder", "memory"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Open the same store again, growing unless told otherwise."""
    kept: dict[Any, Any] = {}

    def opened(seeds: int = 2, *, grows: bool = True) -> Store:
        if request.param == "folder":
            return TrajectoryStore(tmp_path / "r", {"a": 1, "seeds": seeds}, grows=grows)
        store = MemoryStore(kept, {"a": 1})
        store.grows = grows
        return store

    return opened


def order(runs: int, **more: Any) -> CellOrder:
    return CellOrder("cell", PROBLEM, runs, 6, log_at="every:3", **more)


class Counting:
    """`train`, with the run indices of every call."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []

    def __call__(self, problem: Problem, **how: Any) -> Trajectory:
        self.calls.append(list(how["seeds"]))
        return train(problem, **how)


def same_bits(one: Trajectory, other: Trajectory) -> bool:
    arrays = [(one[name], other[name]) for name in one.quantities]
    arrays += [(getattr(one, name), getattr(other, name)) for name in PER_RUN]
    return all(a.tobytes() == b.tobytes() and a.shape == b.shape for a, b in arrays)


def at_once(runs: int) -> Trajectory:
    return train(PROBLEM, seeds=runs, steps=6, log_at="every:3")


def test_grown_runs_are_those_trained_at_once_and_nothing_is_trained_twice(reopen: Open) -> None:
    counting = Counting()
    assert fill_cells(reopen(2), [order(2)], trainer=counting) == 1
    assert fill_cells(reopen(4), [order(4)], trainer=counting) == 1
    assert counting.calls == [[0, 1], [2, 3]]
    assert reopen(4).index() == {"cell": [True, True]}
    whole = reopen(4).load("cell", PROBLEM, 4, 6, "every:3")
    assert whole is not None
    assert same_bits(whole, at_once(4))
    assert not same_bits(whole, train(PROBLEM.replace(seed=1), seeds=4, steps=6, log_at="every:3"))


def test_the_first_runs_are_a_smaller_cell(reopen: Open) -> None:
    fill_cells(reopen(), [order(5)])
    assert fill_cells(reopen(), [order(3)], trainer=Counting()) == 0
    assert same_bits(reopen().read("cell", 3), at_once(3))
    assert same_bits(reopen().read("cell"), at_once(5))


def test_many_runs_follow_in_whole_shards_also_after_an_interruption(reopen: Open) -> None:
    runs = 2 * SHARD_RUNS + 5
    fill_cells(reopen(), [order(3)])
    counting = Counting()

    def interrupted(problem: Problem, **how: Any) -> Trajectory:
        if counting.calls:
            raise KeyboardInterrupt
        return counting(problem, **how)

    with pytest.raises(KeyboardInterrupt):
        fill_cells(reopen(), [order(runs)], trainer=interrupted)
    assert reopen().index() == {"cell": [True, True, False, False]}
    with pytest.raises(StoreError, match="only 2 of 4 shards"):
        reopen().read("cell")
    assert same_bits(reopen().read("cell", 60), at_once(60))
    fill_cells(reopen(), [order(runs)], trainer=counting)
    assert [(call[0], len(call)) for call in counting.calls] == [(3, 64), (67, 64), (131, 2)]
    assert same_bits(reopen().read("cell"), at_once(runs))


def test_an_interrupted_cell_may_be_asked_for_fewer_runs(reopen: Open) -> None:
    runs = 3 * SHARD_RUNS

    def first_only(problem: Problem, **how: Any) -> Trajectory:
        if how["seeds"][0] > 2:
            raise KeyboardInterrupt
        return train(problem, **how)

    fill_cells(reopen(), [order(2)])
    with pytest.raises(KeyboardInterrupt):
        fill_cells(reopen(), [order(runs)], trainer=first_only)
    fill_cells(reopen(), [order(70)])
    assert reopen().index() == {"cell": [True] * 3}
    assert same_bits(reopen().read("cell"), at_once(70))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"problem": PROBLEM.replace(learning_rate=0.2)}, "learning_rate: stored 0.1, asked 0.2"),
        ({"steps": 9}, "logged"),
        ({"engine": "direct"}, "engine: stored 'span', asked 'direct'"),
    ],
)
def test_only_the_number_of_runs_may_differ(reopen: Open, change: dict, named: str) -> None:
    fill_cells(reopen(), [order(2)])
    asked = {"problem": PROBLEM, "seeds": 4, "steps": 6, "log_at": "every:3"} | change
    with pytest.raises(StoreError) as caught:
        reopen().missing("cell", **asked)
    assert named in str(caught.value)
    assert "seeds" not in str(caught.value)


def test_a_store_that_does_not_grow_refuses_what_has_grown(reopen: Open) -> None:
    fill_cells(reopen(), [order(2)])
    fill_cells(reopen(), [order(4)])
    with pytest.raises(StoreError, match="seeds"):
        reopen(2, grows=False).load("cell", PROBLEM, 2, 6, "every:3")


def test_a_folder_keeps_the_runs_it_was_begun_with(tmp_path: Path) -> None:
    fill_cells(TrajectoryStore(tmp_path / "r", {"seeds": 2}), [order(2)])
    grown = TrajectoryStore(tmp_path / "r", {"seeds": 4}, grows=True)
    fill_cells(grown, [order(4)])
    assert grown.settings == {"seeds": 2}
    assert TrajectoryStore(tmp_path / "r", {"seeds": 2}).read("cell").seeds.tolist() == [0, 1, 2, 3]
    with pytest.raises(StoreError, match="seeds: stored 2, asked 4"):
        TrajectoryStore(tmp_path / "r", {"seeds": 4})
    with pytest.raises(StoreError, match="preset: stored none, asked 'x'"):
        TrajectoryStore(tmp_path / "r", {"seeds": 4, "preset": "x"}, grows=True)


def test_rebuild_keeps_grown_cells_and_gives_up_runs_that_do_not_follow(tmp_path: Path) -> None:
    for runs in (2, 4, 7):
        fill_cells(TrajectoryStore(tmp_path / "r", {}, grows=True), [order(runs)])
    manifest = tmp_path / "r" / "manifest.jsonl"
    lines = manifest.read_bytes()
    assert rebuild(tmp_path / "r") == (3, [])
    assert manifest.read_bytes() == lines
    place = tmp_path / "r" / "trajectories" / "cell"
    (place / "0001.npz").write_bytes(b"damaged")
    assert rebuild(tmp_path / "r") == (2, [place / "0001.npz"])
    counting = Counting()
    store = TrajectoryStore(tmp_path / "r", {}, grows=True)
    assert store.index() == {"cell": [True, False, True]}
    (place / "0001.npz").unlink()
    fill_cells(store, [order(7)], trainer=counting)
    assert counting.calls == [[2, 3]]
    assert same_bits(store.read("cell"), at_once(7))
    # the third shard of another cell begins at another run
    for runs in (3, 6, 9):
        fill_cells(TrajectoryStore(tmp_path / "s", {}, grows=True), [order(runs)])
    strange = tmp_path / "s" / "trajectories" / "cell" / "0002.npz"
    (place / "0002.npz").write_bytes(strange.read_bytes())
    assert rebuild(tmp_path / "r") == (2, [place / "0002.npz"])


@settings(max_examples=50, deadline=None)
@given(
    totals=st.lists(st.integers(1, 40), min_size=1, max_size=5),
    size=st.integers(1, 7),
    lost=st.sets(st.integers(0, 60)),
)
def test_a_layout_covers_each_run_once_and_keeps_what_is_stored(
    totals: list[int], size: int, lost: set[int]
) -> None:
    known: list[range | None] = []
    for total in sorted(totals):
        parts = layout(known, total, size)
        known = [*parts, *known[len(parts) :]]
    known = [None if rank in lost else part for rank, part in enumerate(known)]
    try:
        again = layout(known, max(totals), size)
    except ValueError:  # a gap between two rounds that other shards would fill
        assert None in known
        return
    covered = np.concatenate([np.arange(part.start, part.stop) for part in again])
    assert covered[: max(totals)].tolist() == list(range(max(totals)))
    assert covered.tolist() == list(range(covered.size))
    assert all(part == there for part, there in zip(again, known, strict=False) if there)
