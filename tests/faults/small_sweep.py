"""A sweep of a second, what it must come to, and what must be true whenever it was disturbed."""

from pathlib import Path

from bofcheck.simulate import Problem, Trajectory, TrajectoryStore, open_store, train
from bofcheck.simulate.store.shards import PER_RUN

SEEDS, CELLS, SHARDS = 66, 6, 12

TEXT = """
seeds = 66
steps = {steps}
log = "geometric:2"
[problem]
dim = 1e6
test_tokens = 4
flip_prob = 0.1
[grid]
n_samples = [4, 6, 8]
noise_std = [0.001, 1]
"""


def write_sweep(path: Path, steps: int) -> Path:
    path.write_text(TEXT.format(steps=steps))
    return path


def train_all(steps: int) -> dict[str, Trajectory]:
    """The same cells in one go, without any store."""
    common = {"dim": 10**6, "test_tokens": 4, "flip_prob": 0.1}
    return {
        f"n_samples={n},noise_std={std}": train(
            Problem(n_samples=n, noise_std=std, **common),
            seeds=SEEDS, steps=steps, log_at="geometric:2",
        )
        for n in (4, 6, 8)
        for std in (0.001, 1)
    }  # fmt: skip


def assert_same_bits(folder: Path, expected: dict[str, Trajectory]) -> None:
    store = open_store(folder)
    assert store.names() == sorted(expected)
    for name, made in expected.items():
        stored = store.read(name)
        for quantity, values in made.quantities.items():
            assert stored[quantity].tobytes() == values.tobytes(), (name, quantity)
        for field in (*PER_RUN, "steps"):
            assert getattr(stored, field).tobytes() == getattr(made, field).tobytes()


def finished_shards(folder: Path) -> dict[Path, bytes]:
    """Every shard that exists, read with its checksum compared."""
    if not (folder / "settings.json").exists():
        return {}
    store: TrajectoryStore = open_store(folder)
    found = {}
    for name, there in store.index().items():
        for rank, exists in enumerate(there):
            if exists:
                assert len(store.shard(name, rank).seeds) in (64, 2, 1)
                path = Path(store.where(name)) / f"{rank:04d}.npz"
                found[path] = path.read_bytes()
    return found


def count_lines(folder: Path) -> int:
    try:
        return (folder / "manifest.jsonl").read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0
