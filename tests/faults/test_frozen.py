"""Workers that are there and do nothing: frozen, paused, or busy for somebody else."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback import Command, Loopback, until
from small_sweep import assert_same_bits, count_lines, train_all, write_sweep

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks into /proc"),
]


@pytest.fixture
def doomed(tmp_path: Path) -> Iterator[Loopback]:
    (tmp_path / "cluster").mkdir()
    made = Loopback(tmp_path / "cluster")
    yield made
    made.close()


def freeze(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)


def test_a_worker_frozen_under_way_is_taken_out_and_another_goes_on(
    tmp_path: Path, doomed: Loopback
) -> None:
    workers = [doomed.add_worker() for _ in range(2)]
    folder = tmp_path / "r"
    file = write_sweep(tmp_path / "small.toml", 1_500)
    command = Command("sweep", file, "--out", folder, "--scheduler", doomed.address)
    until(lambda: count_lines(folder) >= 2)
    freeze(workers[0].pid)
    began = time.monotonic()
    code, out, err = command.end()
    assert (code, out) == (0, f"{folder}: 6 cells of 66 runs\n"), err
    assert time.monotonic() - began < 55
    assert_same_bits(folder, train_all(1_500))


def test_a_command_that_was_stopped_for_a_while_goes_on_with_its_workers(tmp_path: Path) -> None:
    folder = tmp_path / "r"
    file = write_sweep(tmp_path / "small.toml", 1_500)
    command = Command("sweep", file, "--out", folder, "--workers", 2)
    until(lambda: count_lines(folder) >= 2)
    workers = set(command.local_workers())
    freeze(command.pid)
    time.sleep(25)
    os.kill(command.pid, signal.SIGCONT)
    time.sleep(0.5)
    assert set(command.local_workers()) in (workers, set())  # none was replaced
    code, _, err = command.end()
    assert code == 0, err
    assert_same_bits(folder, train_all(1_500))


def test_a_worker_frozen_before_the_start_is_told_of(tmp_path: Path, doomed: Loopback) -> None:
    worker = doomed.add_worker()
    file = write_sweep(tmp_path / "small.toml", 5)
    args = ("sweep", file, "--scheduler", doomed.address)
    assert Command(*args, "--out", tmp_path / "warm").end()[0] == 0
    freeze(worker.pid)
    began = time.monotonic()
    code, out, err = Command(*args, "--out", tmp_path / "r").end()
    assert time.monotonic() - began < 40
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].endswith(
        "one of its workers does not answer within 15 s; end it, or wait until it does"
    )


def test_a_worker_paused_for_want_of_memory_does_not_count(
    tmp_path: Path, doomed: Loopback
) -> None:
    doomed.add_worker(DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE="0.0001")
    file = write_sweep(tmp_path / "small.toml", 5)
    time.sleep(3)
    args = ("sweep", file, "--out", tmp_path / "r", "--scheduler", doomed.address)
    began = time.monotonic()
    code, out, err = Command(*args).end()
    assert time.monotonic() - began < 40
    assert (code, out) == (2, "")
    assert "has no worker" in err.splitlines()[-1]


def test_a_cluster_that_is_busy_for_others_is_waited_for(tmp_path: Path, doomed: Loopback) -> None:
    doomed.add_worker()
    endless = write_sweep(tmp_path / "endless.toml", 10**9)
    first = Command("sweep", endless, "--out", tmp_path / "a", "--scheduler", doomed.address)
    assert first.process.stderr is not None
    while "0%" not in first.process.stderr.readline():
        assert first.process.poll() is None
    small = write_sweep(tmp_path / "small.toml", 5)
    second = Command("sweep", small, "--out", tmp_path / "b", "--scheduler", doomed.address)
    assert second.process.stderr is not None
    while "all workers are busy" not in second.process.stderr.readline():
        assert second.process.poll() is None
    first.interrupt()
    assert first.end()[0] == 130
    code, _, err = second.end()
    assert code == 0, err
