"""Sweeps on real worker processes: the same bits, and one line whatever goes wrong."""

import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from loopback import Command, Loopback, alive, children, until
from small_sweep import (
    SHARDS,
    assert_same_bits,
    count_lines,
    finished_shards,
    train_all,
    write_sweep,
)

from bofcheck.cli.entry import run
from bofcheck.compare import Cell, Part, Plan, Role, verify
from bofcheck.simulate import Problem, Trajectory, TrajectoryStore, open_store
from bofcheck.simulate.executors import connect
from bofcheck.theory import get_theorem

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

STEPS = 1_500


@pytest.fixture(scope="module")
def expected() -> dict[str, Trajectory]:
    return train_all(STEPS)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_sweep(tmp_path / "small.toml", STEPS)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loopback]:
    """A scheduler with two workers, for tests that leave it as it was."""
    made = Loopback(tmp_path_factory.mktemp("cluster"))
    for _ in range(2):
        made.add_worker()
    yield made
    made.close()


@pytest.fixture
def doomed(tmp_path: Path) -> Iterator[Loopback]:
    """A cluster a test may break."""
    (tmp_path / "cluster").mkdir()
    made = Loopback(tmp_path / "cluster")
    yield made
    made.close()


def test_a_cluster_gives_the_same_bits_and_goes_on_where_one_process_was(
    tmp_path: Path, file: Path, cluster: Loopback, expected: dict[str, Trajectory]
) -> None:
    folder = tmp_path / "r"
    alone = Command("sweep", file, "--out", folder)
    until(lambda: count_lines(folder) >= 2)
    os.kill(alone.pid, signal.SIGKILL)
    alone.end()
    kept = finished_shards(folder)
    assert 2 <= len(kept) < SHARDS
    code, out, err = Command("sweep", file, "--out", folder, "--scheduler", cluster.address).end()
    assert (code, out) == (0, f"{folder}: 6 cells of 66 runs\n"), err
    assert "runs still to train" in err
    assert err.splitlines()[-1].startswith("bofcheck: 100%")
    assert kept.items() <= finished_shards(folder).items()
    assert_same_bits(folder, expected)


def test_ctrl_c_frees_the_workers(tmp_path: Path, cluster: Loopback) -> None:
    endless = write_sweep(tmp_path / "endless.toml", 10**9)
    command = Command("sweep", endless, "--out", tmp_path / "r", "--scheduler", cluster.address)
    assert command.process.stderr is not None
    while "0%" not in command.process.stderr.readline():
        assert command.process.poll() is None
    time.sleep(1.0)
    command.interrupt()
    began = time.monotonic()
    code, out, err = command.end()
    assert time.monotonic() - began < 15
    assert (code, out) == (130, "")
    assert err.splitlines()[-1].startswith("bofcheck: interrupted; 0 finished cells kept in ")
    assert "Traceback" not in err
    # a shard of hours is given up, so another sweep is served at once
    short = write_sweep(tmp_path / "short.toml", 2)
    args = ["sweep", short, "--out", tmp_path / "s", "--scheduler", cluster.address]
    code, _, err = Command(*args).end()
    assert code == 0, err


def test_local_workers_give_the_same_bits_though_one_is_killed(
    tmp_path: Path, file: Path, expected: dict[str, Trajectory]
) -> None:
    folder = tmp_path / "r"
    command = Command("sweep", file, "--out", folder, "--workers", 2)
    until(lambda: count_lines(folder) >= 2)
    workers = command.local_workers()
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    code, out, err = command.end()
    assert (code, out) == (0, f"{folder}: 6 cells of 66 runs\n"), err
    assert all(line.startswith("bofcheck: ") for line in err.splitlines()), err
    assert_same_bits(folder, expected)
    until(lambda: not any(alive(pid) for pid in workers), 10)


THEOREM = """
name = "flat"
title = "A flat bound"
source = "this test"
provenance = "DERIVED"
[constants]
C = "worst loss"
[[stages]]
name = "all"
[[stages.bounds]]
name = "F1"
quantity = "test_loss"
kind = "upper"
floor = "0"
excess = "C"
[training]
seeds = 4
steps = 40
problem = { n_samples = 6, dim = 1000, key_dim = 32, test_tokens = 8 }
[[training.cells]]
name = "fit"
role = "calibration"
[[training.cells]]
name = "judge"
role = "held out"
problem = { signal_norm = 1.5 }
"""


def test_a_theorem_of_ones_own_is_decided_on_the_same_bits(
    tmp_path: Path, cluster: Loopback
) -> None:
    theorem = tmp_path / "flat.toml"
    theorem.write_text(THEOREM)
    outcomes = []
    for name, more in (("one", []), ("many", ["--scheduler", cluster.address])):
        command = Command("verify", "--theorem", theorem, "--out", tmp_path / name, *more)
        code, out, err = command.end()
        assert code == 0, err
        outcomes.append(out.replace(str(tmp_path / name), "DIR"))
    assert outcomes[0] == outcomes[1]
    alone = {cell: open_store(tmp_path / "one").read(cell) for cell in ("fit", "judge")}
    assert_same_bits(tmp_path / "many", alone)


@pytest.mark.parametrize(
    "signal_number", [signal.SIGINT, pytest.param(signal.SIGKILL, marks=pytest.mark.slow)]
)
def test_local_workers_end_with_their_driver(tmp_path: Path, signal_number: int) -> None:
    endless = write_sweep(tmp_path / "endless.toml", 10**9)
    command = Command("sweep", endless, "--out", tmp_path / "r", "--workers", 1)
    assert command.process.stderr is not None
    while "0%" not in command.process.stderr.readline():
        assert command.process.poll() is None
    below = children(command.pid)
    assert below
    if signal_number == signal.SIGINT:
        command.interrupt()
    else:
        os.kill(command.pid, signal_number)
    began = time.monotonic()
    code, out, err = command.end()
    assert time.monotonic() - began < 15
    assert out == ""
    if signal_number == signal.SIGINT:
        assert code == 130
        assert err.splitlines()[-1].startswith("bofcheck: interrupted; 0 finished cells kept in ")
        assert all(line.startswith("bofcheck: ") for line in err.splitlines()), err
    until(lambda: not any(alive(pid) for pid in below), 20)


def test_the_scheduler_is_killed(
    tmp_path: Path, file: Path, doomed: Loopback, expected: dict[str, Trajectory]
) -> None:
    doomed.add_worker()
    folder = tmp_path / "r"
    command = Command("sweep", file, "--out", folder, "--scheduler", doomed.address)
    until(lambda: count_lines(folder) >= 2)
    doomed.scheduler.kill()
    began = time.monotonic()
    code, out, err = command.end()
    assert time.monotonic() - began < 30
    assert (code, out) == (3, "")
    last = err.splitlines()[-1]
    assert last.startswith(f"bofcheck: error: scheduler {doomed.address}: its scheduler ")
    assert last.endswith("; what was finished is kept, run the same command again to go on")
    assert "Traceback" not in err
    kept = finished_shards(folder)
    assert 2 <= len(kept) < SHARDS
    code, _, _ = Command("sweep", file, "--out", folder).end()
    assert code == 0
    assert kept.items() <= finished_shards(folder).items()
    assert_same_bits(folder, expected)


@pytest.mark.slow
def test_the_only_worker_is_killed_and_none_comes(
    tmp_path: Path, file: Path, doomed: Loopback, expected: dict[str, Trajectory]
) -> None:
    worker = doomed.add_worker()
    folder = tmp_path / "r"
    command = Command("sweep", file, "--out", folder, "--scheduler", doomed.address)
    until(lambda: count_lines(folder) >= 2)
    worker.kill()
    began = time.monotonic()
    code, out, err = command.end()
    assert time.monotonic() - began < 30
    assert (code, out) == (3, "")
    assert "it has had no worker for 20 s" in err.splitlines()[-1]
    doomed.add_worker()
    code, _, err = Command("sweep", file, "--out", folder, "--scheduler", doomed.address).end()
    assert code == 0, err
    assert_same_bits(folder, expected)


@pytest.mark.slow
def test_a_worker_is_killed_and_another_goes_on(
    tmp_path: Path, file: Path, doomed: Loopback, expected: dict[str, Trajectory]
) -> None:
    workers = [doomed.add_worker() for _ in range(2)]
    folder = tmp_path / "r"
    command = Command("sweep", file, "--out", folder, "--scheduler", doomed.address)
    until(lambda: count_lines(folder) >= 2)
    workers[0].kill()
    code, _, err = command.end()
    assert code == 0, err
    assert_same_bits(folder, expected)


@pytest.mark.slow
@pytest.mark.parametrize("lines", [1, 4, 8, 11])
def test_the_driver_is_killed(
    tmp_path: Path, file: Path, cluster: Loopback, expected: dict[str, Trajectory], lines: int
) -> None:
    folder = tmp_path / "r"
    args = ["sweep", file, "--out", folder, "--scheduler", cluster.address]
    command = Command(*args)
    until(lambda: count_lines(folder) >= lines)
    os.kill(command.pid, signal.SIGKILL)
    command.end()
    kept = finished_shards(folder)
    assert len(kept) >= lines
    assert Command(*args).end()[0] == 0
    assert kept.items() <= finished_shards(folder).items()
    assert_same_bits(folder, expected)


@pytest.mark.slow
def test_a_scheduler_that_hangs(tmp_path: Path, file: Path, doomed: Loopback) -> None:
    doomed.add_worker()
    folder = tmp_path / "r"
    command = Command("sweep", file, "--out", folder, "--scheduler", doomed.address)
    until(lambda: count_lines(folder) >= 2)
    os.kill(doomed.scheduler.pid, signal.SIGSTOP)
    began = time.monotonic()
    code, _, err = command.end()
    assert time.monotonic() - began < 30
    assert code == 3
    assert "its scheduler does not answer" in err.splitlines()[-1]


@pytest.mark.slow
def test_a_shard_that_kills_every_worker(tmp_path: Path) -> None:
    endless = write_sweep(tmp_path / "endless.toml", 10**9)
    command = Command("sweep", endless, "--out", tmp_path / "r", "--workers", 1)
    assert command.process.stderr is not None
    while "0%" not in command.process.stderr.readline():
        assert command.process.poll() is None
    seen: dict[int, float] = {}
    until(lambda: command.process.poll() is not None or _kill_old(command, seen), 60)
    code, out, err = command.end()
    assert (code, out) == (3, "")
    assert len(seen) >= 4
    assert " every worker that trained it was killed (out of memory?)" in err.splitlines()[-1]


def _kill_old(command: Command, seen: dict[int, float]) -> bool:
    """Kill each worker once it has had time to begin."""
    for pid in command.local_workers():
        if time.monotonic() - seen.setdefault(pid, time.monotonic()) > 5:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    return False


def test_a_verification_by_a_cluster_has_the_same_trajectories(
    tmp_path: Path, cluster: Loopback
) -> None:
    problem = Problem(n_samples=4, dim=100, flip_prob=0.1, test_tokens=4)
    cells = tuple(
        Cell(f"c{rank}", Role.CALIBRATION, "stage", problem.replace(seed=rank), 300, "tiny")
        for rank in range(3)
    )
    parts = tuple(
        Part(get_theorem(name), (), cells, seeds=66, log_at="geometric:8", fit=False)
        for name in ("benign", "harmful")
    )
    plan = Plan({}, parts, ())
    seen: list[tuple[str, int, int]] = []
    store = TrajectoryStore(tmp_path / "r", {})
    with connect.running_cluster(cluster.address) as executor:
        assert executor.capacity == 2
        made = verify(
            plan,
            store=store,
            executor=executor,
            progress=lambda *state: seen.append(state),
        )
    assert store.index() == {cell.name: [True, True] for cell in cells}
    assert seen[-1] == ("c2", 900, 900)
    alone = verify(plan)
    for one, other in zip(made.studies, alone.studies, strict=True):
        for ours, theirs in zip(one.results, other.results, strict=True):
            for name, values in theirs.trajectory.quantities.items():
                assert ours.trajectory[name].tobytes() == values.tobytes()


def refused(capsys: pytest.CaptureFixture[str], file: Path, *args: str) -> str:
    """The one line a sweep ends with before it begins."""
    capsys.readouterr()
    began = time.monotonic()
    folder = file.parent / "none"
    code = run(["sweep", str(file), "--out", str(folder), *args])
    out, err = capsys.readouterr()
    assert (code, out) == (2, ""), err
    assert err.count("\n") == 1, err
    assert time.monotonic() - began < 30
    assert not folder.exists()
    return err.removeprefix("bofcheck: error: ").rstrip()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def test_nobody_at_the_address(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "_REACH", 1.0)
    address = f"tcp://127.0.0.1:{free_port()}"
    assert refused(capsys, file, "--scheduler", address) == (
        f"scheduler {address}: cannot be reached; start one with: dask scheduler"
    )


def test_somebody_else_at_the_address(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "_REACH", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        assert "cannot be reached" in refused(capsys, file, "--scheduler", address)


@pytest.mark.slow
def test_nobody_is_waited_for_longer_than_30_seconds(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(capsys, file, "--scheduler", f"tcp://127.0.0.1:{free_port()}")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        refused(capsys, file, "--scheduler", f"tcp://127.0.0.1:{silent.getsockname()[1]}")
    refused(capsys, file, "--scheduler", "tcp://no-such-host.invalid:8786")


@pytest.mark.parametrize("address", ["nonsense://127.0.0.1:1", "tcp://", "tcp://127.0.0.1:port"])
def test_what_is_no_address(
    file: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    address: str,
) -> None:
    monkeypatch.setattr(connect, "_REACH", 0.5)
    assert refused(capsys, file, "--scheduler", address).startswith(f"scheduler {address}: ")


def test_the_process_ends_as_soon_as_it_has_said_so(tmp_path: Path, file: Path) -> None:
    began = time.monotonic()
    code, out, err = Command("sweep", file, "--out", tmp_path / "r", "--scheduler", "none").end()
    assert (code, out) == (2, "")
    assert err == "bofcheck: error: scheduler none: not an address, use tcp://HOST:PORT\n"
    assert time.monotonic() - began < 30


def test_no_worker_and_another_version(
    file: Path,
    tmp_path: Path,
    doomed: Loopback,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connect, "_FIRST_WORKER", 0.5)
    address = doomed.address
    assert refused(capsys, file, "--scheduler", address) == (
        f"scheduler {address}: has no worker; start one with: dask worker {address} --nthreads 1"
    )
    older = tmp_path / "older" / "bofcheck-0.0.1.dist-info"
    older.mkdir(parents=True)
    (older / "METADATA").write_text("Metadata-Version: 2.1\nName: bofcheck\nVersion: 0.0.1\n")
    doomed.add_worker(PYTHONPATH=str(older.parent))
    monkeypatch.setattr(connect, "_FIRST_WORKER", 30.0)
    line = refused(capsys, file, "--scheduler", address)
    assert line.startswith(f"scheduler {address}: worker tcp://127.0.0.1:")
    assert " has bofcheck 0.0.1, here it is " in line
    assert line.endswith("; install the same versions everywhere")


def test_the_extra_is_missing(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    for args in (["--workers", "2"], ["--scheduler", "tcp://127.0.0.1:8786"]):
        assert refused(capsys, file, *args) == (
            "more than one process needs dask.distributed: pip install 'bofcheck[cluster]'"
        )


def test_workers_or_a_scheduler(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    both = ["--workers", "2", "--scheduler", "tcp://127.0.0.1:8786"]
    assert refused(capsys, file, *both).startswith("Give either --workers or --scheduler")
    assert "0 is not in the range" in refused(capsys, file, "--workers", "0")
    assert run(["verify", *both, "--out", str(file.parent / "none")]) == 2
    assert "Give either --workers or --scheduler" in capsys.readouterr().err
    assert run(["claims", "B2", "--workers", "2"]) == 2
    assert "--workers needs --run" in capsys.readouterr().err
