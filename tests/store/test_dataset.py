"""Stored cells as xarray: labelled, complete, and read only where they are looked at."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bofcheck.simulate import QUANTITIES, Problem, StoreError, Trajectory, train
from bofcheck.simulate.store import SHARD_RUNS, Store
from bofcheck.simulate.store.shards import PER_RUN

Open = Callable[[], Store]

PROBLEM = Problem(n_samples=4, dim=100, flip_prob=0.1, test_tokens=8)
LARGE = SHARD_RUNS + 3


class Cells(dict[str, Trajectory]):
    def __repr__(self) -> str:
        return "Cells"  # hypothesis writes down every argument


@pytest.fixture(scope="module")
def alike() -> dict[str, Trajectory]:
    problems = {f"N={n}": PROBLEM.replace(n_samples=n) for n in (2, 4, 8)}
    return Cells(
        (name, train(problem, seeds=LARGE, steps=6, log_at="every:2"))
        for name, problem in problems.items()
    )


@pytest.fixture(scope="module")
def unlike() -> dict[str, Trajectory]:
    wild = PROBLEM.replace(learning_rate=1e100, train_output=True)
    return {
        "calm": train(PROBLEM, seeds=[5, 1], steps=12, log_at="every:4"),
        "long": train(PROBLEM, seeds=3, steps=20, log_at=[4, 5]),
        "wild": train(wild, seeds=2, steps=4, log_at="every:2"),
    }


def keep(store: Store, cells: dict[str, Trajectory]) -> Store:
    for name, trajectory in cells.items():
        store.save(name, trajectory)
    return store


def stacked(trajectory: Trajectory) -> np.ndarray:
    return np.stack([trajectory[name] for name in QUANTITIES], axis=-1)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch, reopen: Open) -> Iterator[list[tuple[str, int]]]:
    """Which shards were read since."""
    seen: list[tuple[str, int]] = []
    kind = type(reopen())
    genuine = kind.shard

    def shard(self: Store, name: str, rank: int) -> Trajectory:
        seen.append((name, rank))
        return genuine(self, name, rank)

    monkeypatch.setattr(kind, "shard", shard)
    return seen


def test_everything_is_there_under_its_labels(reopen: Open, alike: dict[str, Trajectory]) -> None:
    data = keep(reopen(), alike).dataset()
    assert dict(data.sizes) == {"cell": 3, "seed": LARGE, "step": 4, "quantity": len(QUANTITIES)}
    assert data.value.dims == ("cell", "seed", "step", "quantity")
    for name, trajectory in alike.items():
        np.testing.assert_array_equal(data.value.sel(cell=name), stacked(trajectory))
        assert data.n_samples.sel(cell=name) == trajectory.problem.n_samples
        for field in set(PER_RUN) - {"seeds"}:
            np.testing.assert_array_equal(data[field].sel(cell=name), getattr(trajectory, field))
    one = data.value.sel(cell="N=4", seed=65, step=6, quantity="test_loss")
    assert float(one) == alike["N=4"]["test_loss"][65, -1]


def test_only_the_shards_looked_at_are_read(
    reopen: Open, alike: dict[str, Trajectory], reads: list[tuple[str, int]]
) -> None:
    data = keep(reopen(), alike).dataset()
    assert reads == []
    assert data.value.sel(cell="N=8", seed=65).shape == (4, len(QUANTITIES))
    assert reads == []
    np.testing.assert_array_equal(data.value.sel(cell="N=8", seed=65), stacked(alike["N=8"])[65])
    assert set(reads) == {("N=8", 1)}


def picks(size: int) -> st.SearchStrategy:
    index = st.integers(-size, size - 1)
    # xarray itself fails at empty slices that run backwards
    ranges = st.slices(size).filter(lambda one: len(range(size)[one]) > 0)
    return index | st.lists(index, min_size=1, max_size=4) | ranges


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(key=st.tuples(picks(3), picks(LARGE), picks(4), picks(len(QUANTITIES))))
def test_any_selection_agrees_with_the_loaded_array(
    reopen: Open, alike: dict[str, Trajectory], key: tuple
) -> None:
    store = reopen()
    if not store.names():
        keep(store, alike)
    expected = np.stack([stacked(alike[name]) for name in sorted(alike)])
    for axis in reversed(range(4)):
        expected = expected[(slice(None),) * axis + (key[axis],)]
    dims = ("cell", "seed", "step", "quantity")
    found = store.dataset().value.isel(dict(zip(dims, key, strict=True)))
    np.testing.assert_array_equal(found.values, expected)


def test_cells_that_differ_are_padded_only_when_asked(
    reopen: Open, unlike: dict[str, Trajectory]
) -> None:
    store = keep(reopen(), unlike)
    with pytest.raises(StoreError, match=r"pad=True.*tree\(\)"):
        store.dataset()
    data = store.dataset(pad=True)
    assert data.step.values.tolist() == [0, 2, 4, 5, 8, 12, 20]
    assert data.seed.values.tolist() == [0, 1, 2, 5]
    filled = np.zeros(data.value.shape, dtype=bool)
    for place, (name, trajectory) in enumerate(sorted(unlike.items())):
        own = data.value.sel(cell=name, seed=trajectory.seeds, step=trajectory.steps)
        np.testing.assert_array_equal(own, stacked(trajectory))
        seeds = np.isin(data.seed, trajectory.seeds)
        steps = np.isin(data.step, trajectory.steps)
        filled[place] = (seeds[:, None] & steps[None, :])[:, :, None]
        assert np.isnan(data.diverged_at.sel(cell=name).values[~seeds]).all()
    assert np.isnan(data.value.values[~filled]).all()


def test_the_tree_holds_each_cell_at_its_own_size(
    reopen: Open, unlike: dict[str, Trajectory]
) -> None:
    tree = keep(reopen(), unlike).tree()
    assert sorted(tree.children) == sorted(unlike)
    for name, trajectory in unlike.items():
        cell = tree[name]
        order = np.argsort(trajectory.seeds)
        assert cell.value.dims == ("seed", "step", "quantity")
        np.testing.assert_array_equal(cell.value, stacked(trajectory)[order])
        np.testing.assert_array_equal(cell.diverged_at, trajectory.diverged_at[order])
        assert Problem.model_validate(
            {
                field: cell[f"root_{field}" if field == "seed" else field].item()
                for field in Problem.model_fields
            }
        ) == (trajectory.problem)
