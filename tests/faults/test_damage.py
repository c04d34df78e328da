"""Cut off anywhere, or a byte flipped anywhere: named by its file, and only that is made again."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bofcheck.cli.entry import run
from bofcheck.simulate import Problem, StoreError, Trajectory, TrajectoryStore, open_store, train
from bofcheck.simulate.store import rebuild
from bofcheck.simulate.store.shardfile import decode

CELLS = {f"n_samples={n}": Problem(n_samples=n, dim=10, test_tokens=2) for n in (2, 3, 4)}
TEXT = "seeds = 1\nsteps = 2\n[problem]\ndim = 10\ntest_tokens = 2\n[grid]\nn_samples = [2, 3, 4]\n"
VICTIM = "n_samples=3"
BLOCK = 64

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def expected() -> dict[str, Trajectory]:
    return {name: train(problem, seeds=1, steps=2) for name, problem in CELLS.items()}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished sweep of three shards; tests work on copies."""
    folder = tmp_path_factory.mktemp("sound")
    (folder / "s.toml").write_text(TEXT)
    assert run(["sweep", str(folder / "s.toml"), "--out", str(folder / "r")]) == 0
    return folder


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    shutil.copytree(sound / "r", tmp_path / "r")
    return tmp_path / "r"


@pytest.fixture
def again(
    sound: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run the sweep's own command, or another on its folder."""

    def command(name: str = "sweep") -> tuple[int, str, str]:
        capsys.readouterr()
        own = [str(sound / "s.toml"), "--out"] if name == "sweep" else []
        code = run([name, *own, str(folder)])
        return code, *capsys.readouterr()

    return command


def shard_file(folder: Path, name: str = VICTIM) -> Path:
    return folder / "trajectories" / name / "0000.npz"


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.npz")}


def assert_as_trained(folder: Path, expected: dict[str, Trajectory]) -> None:
    store = open_store(folder)
    assert store.names() == sorted(expected)
    for name, made in expected.items():
        stored = store.read(name)
        for quantity, values in made.quantities.items():
            assert stored[quantity].tobytes() == values.tobytes()


def assert_named(folder: Path) -> None:
    """Reading says which file it is, and how to mend it; the others read on."""
    store = open_store(folder)
    with pytest.raises(StoreError) as caught:
        store.read(VICTIM)
    assert str(shard_file(folder)) in str(caught.value)
    assert f"bofcheck rebuild {folder}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_shard_cut_off_at_every_byte(folder: Path) -> None:
    path = shard_file(folder)
    whole = path.read_bytes()
    store = open_store(folder)
    ask = (VICTIM, CELLS[VICTIM], 1, 2)
    assert store.missing(*ask) == []
    path.unlink()
    with path.open("wb", buffering=0) as file:
        for length in range(len(whole)):
            file.write(whole[length - 1 : length])
            with pytest.raises(StoreError, match=r"0000\.npz: damaged: its size differs"):
                store.missing(*ask)
            with pytest.raises(ValueError, match="not a sound shard"):
                decode(whole[:length])
    assert path.read_bytes() == whole[:-1]


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.9999])
def test_a_shard_cut_off_is_mended_by_making_it_again(
    folder: Path, again: Command, expected: dict[str, Trajectory], share: float
) -> None:
    path, before = shard_file(folder), files(folder)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    code, out, err = again()
    assert (code, out) == (2, "")
    assert err.splitlines()[-1] == (
        f"bofcheck: error: {path}: damaged: its size differs from the manifest's; discard it with "
        f"bofcheck rebuild {folder} and run the same command again"
    )
    assert again("rebuild")[:2] == (
        0, f"{folder}: 2 shards in the manifest\ngiven up: {path}\n",
    )  # fmt: skip
    code, _, err = again()
    assert code == 0
    assert "1 runs still to train" in err
    after = files(folder)
    assert {key for key in before if before[key] != after[key]} <= {str(path.relative_to(folder))}
    assert_as_trained(folder, expected)


def test_a_byte_flipped_in_every_block_of_a_shard(
    folder: Path, expected: dict[str, Trajectory]
) -> None:
    path = shard_file(folder)
    whole = path.read_bytes()
    manifest = folder / "manifest.jsonl"
    lines = manifest.read_bytes()
    others = {name: data for name, data in files(folder).items() if VICTIM not in name}
    rng = np.random.default_rng(0)
    given_up = 0
    for start in range(0, len(whole), BLOCK):
        broken = bytearray(whole)
        position = start + int(rng.integers(min(BLOCK, len(whole) - start)))
        broken[position] ^= 1 << int(rng.integers(8))
        path.write_bytes(broken)
        manifest.write_bytes(lines)
        assert_named(folder)
        count, lost = rebuild(folder)
        # a byte that says nothing of the numbers (a date in the archive) is forgiven
        assert (count, lost) in ((2, [path]), (3, []))
        given_up += len(lost)
        if not lost:
            assert_as_trained(folder, expected)
        assert {name: data for name, data in files(folder).items() if VICTIM not in name} == others
    # of the archive's own bytes (dates, versions, sizes said twice) about a fifth is forgiven
    assert given_up > 0.65 * len(whole) / BLOCK


def test_a_flipped_byte_is_mended_by_making_the_shard_again(
    folder: Path, again: Command, expected: dict[str, Trajectory]
) -> None:
    path, before = shard_file(folder), files(folder)
    broken = bytearray(path.read_bytes())
    broken[len(broken) // 2] ^= 16
    path.write_bytes(broken)
    assert_named(folder)
    assert again("rebuild")[1].endswith(f"given up: {path}\n")
    assert again()[0] == 0
    after = files(folder)
    assert {key for key in before if before[key] != after[key]} == {str(path.relative_to(folder))}
    assert_as_trained(folder, expected)


def test_a_manifest_cut_off_at_every_byte(folder: Path, expected: dict[str, Trajectory]) -> None:
    path = folder / "manifest.jsonl"
    whole = path.read_bytes()
    settings = open_store(folder).settings
    names = [f"n_samples={n}" for n in (2, 3, 4)]
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        store = TrajectoryStore(folder, settings)
        left = whole[:length].count(b"\n")
        assert store.names() == names[:left]  # what has no whole line does not exist
        if length % 20 == 0:
            assert rebuild(folder) == (3, [])
            assert path.read_bytes() == whole
    path.write_bytes(whole)
    assert_as_trained(folder, expected)


def test_a_manifest_cut_off_is_mended_by_the_same_command(
    folder: Path, again: Command, expected: dict[str, Trajectory]
) -> None:
    path, before = folder / "manifest.jsonl", files(folder)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    code, _, err = again()
    assert code == 0
    assert "2 runs still to train" in err
    assert path.read_bytes().count(b"\n") == 3
    kept = str(shard_file(folder, "n_samples=2").relative_to(folder))
    assert files(folder)[kept] == before[kept]
    assert_as_trained(folder, expected)


def test_a_shard_that_diverges_is_kept_as_it_is_and_harms_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "wild.toml"
    rates = [0.1, 1e100, 0.2]
    file.write_text(
        "seeds = 66\nsteps = 6\n[problem]\nn_samples = 4\ndim = 100\ntest_tokens = 4\n"
        f"train_output = true\n[grid]\nlearning_rate = {rates}\n"
    )
    assert run(["sweep", str(file), "--out", str(tmp_path / "r")]) == 0
    store = open_store(tmp_path / "r")
    base = Problem(n_samples=4, dim=100, test_tokens=4, train_output=True)
    for rate in rates:
        stored = store.read(f"learning_rate={rate}")
        made = train(base.replace(learning_rate=rate), seeds=66, steps=6)
        assert (stored.diverged_at >= 0).any() == (rate == 1e100)
        assert stored.diverged_at.tobytes() == made.diverged_at.tobytes()
        for quantity, values in made.quantities.items():
            assert stored[quantity].tobytes() == values.tobytes()
    # it is finished: the same command does not try it again
    capsys.readouterr()
    assert run(["sweep", str(file), "--out", str(tmp_path / "r")]) == 0
    assert "every run is already there" in capsys.readouterr().err
