"""Connect to workers: processes started here, or a running cluster."""

from __future__ import annotations

import logging
import queue
import re
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import resource_tracker
from threading import Thread
from typing import Any

from numba.core import config

from ..errors import ClusterError, ClusterLostError
from .cluster import ClusterExecutor

#: Seconds to reach a scheduler, and to wait for its first worker.
_REACH, _FIRST_WORKER = 15.0, 10.0
#: Packages whose versions must agree: for the numbers, and for talking to each other.
_SAME = ("bofcheck", "numpy", "numba", "dask", "distributed")


@contextmanager
def local_workers(count: int) -> Iterator[ClusterExecutor]:
    """Start worker processes on this machine, which end with the ``with`` block.

    They share the cores, listen on 127.0.0.1 only, and are replaced when they are killed. A
    script that calls this needs ``if __name__ == "__main__":`` around its code.

    Args:
        count: number of processes.

    Yields:
        The executor, for every function that takes an ``executor``, such as `fill_cells`.

    Raises:
        ClusterError: dask.distributed is not installed, or they cannot be started.

    Example:
        >>> from bofcheck.simulate import CellOrder, Problem, TrajectoryStore, fill_cells
        >>> orders = [CellOrder("small", Problem(n_samples=4, dim=100), seeds=100, steps=10)]
        >>> with local_workers(2) as executor:  # doctest: +SKIP
        ...     fill_cells(TrajectoryStore("results/mine", {}), orders, executor=executor)
        2
    """
    distributed = _distributed()
    share = {"NUMBA_NUM_THREADS": str(max(1, config.NUMBA_NUM_THREADS // count))}
    with _quiet(), ExitStack() as opened:
        try:
            with _interrupts_held():
                cluster = distributed.LocalCluster(
                    n_workers=count,
                    threads_per_worker=1,
                    host="127.0.0.1",
                    dashboard_address="127.0.0.1:0",  # any free port
                    memory_limit=None,  # training bounds its own memory; a limit would pause it
                    env=share,
                    silence_logs=logging.CRITICAL,
                )
                opened.callback(_close, cluster)
        except (OSError, RuntimeError, TimeoutError) as error:
            raise ClusterError(f"{count} workers cannot be started here: {error}") from None
        client = distributed.Client(cluster, timeout=_REACH, set_as_default=False)
        opened.callback(_close, client)
        yield ClusterExecutor(client, "local workers")


@contextmanager
def running_cluster(address: str) -> Iterator[ClusterExecutor]:
    """Connect to a running scheduler that has workers.

    Args:
        address: such as ``tcp://10.0.0.1:8786``.

    Yields:
        The executor, for every function that takes an ``executor``, such as `fill_cells`.

    Raises:
        ClusterError: dask.distributed is not installed; nothing answers at the address within 20
            seconds; no worker joins within 10 more; versions differ.

    Example:
        >>> from bofcheck.simulate import CellOrder, Problem, TrajectoryStore, fill_cells
        >>> orders = [CellOrder("small", Problem(n_samples=4, dim=100), seeds=100, steps=10)]
        >>> with running_cluster("tcp://10.0.0.1:8786") as executor:  # doctest: +SKIP
        ...     fill_cells(TrajectoryStore("results/mine", {}), orders, executor=executor)
        2
    """
    distributed = _distributed()
    with _quiet():
        client = _connect(distributed, address)
        try:
            try:
                executor = ClusterExecutor(client, f"scheduler {address}")
                _wait_for_worker(executor, address)
            except ClusterLostError as error:  # nothing was trained
                raise ClusterError(str(error).partition("; what was finished")[0]) from None
            _check_versions(client, address)
            yield executor
        finally:
            _close(client)


def _distributed() -> Any:
    """The library.

    Raises:
        ClusterError: dask.distributed is not installed.
    """
    try:
        import distributed
    except ImportError:
        raise ClusterError(
            "more than one process needs dask.distributed: pip install 'bofcheck[cluster]'"
        ) from None
    return distributed


def _connect(distributed: Any, address: str) -> Any:
    """A client of the scheduler.

    Raises:
        ClusterError: no scheduler can be reached at the address.
    """

    class Client(distributed.Client):  # type: ignore[misc]  # a library without types
        def __del__(self) -> None:
            """Do nothing: a client that never connected would delay the end of the process."""

    # where something listens but never answers, the client itself would wait for ever
    answer = _within(1.3 * _REACH, lambda: Client(address, timeout=_REACH, set_as_default=False))
    if isinstance(answer, distributed.Client):
        return answer
    if address.startswith("tls://"):
        raise ClusterError(
            f"scheduler {address}: cannot be reached with dask's TLS settings here; see "
            "distributed.comm.tls in dask's configuration"
        )
    if isinstance(answer, ValueError | TypeError):
        valid = re.fullmatch(r"tcp://[^/:]+:\d+|tcp://\[[0-9a-fA-F:]+\]:\d+", address)
        why = "is not a dask scheduler" if valid else "not an address, use tcp://HOST:PORT"
        raise ClusterError(f"scheduler {address}: {why}")
    raise ClusterError(f"scheduler {address}: cannot be reached; start one with: dask scheduler")


def _within(seconds: float, call: Callable[[], Any]) -> Any:
    """The result of a call, or the error it raises; None if it takes longer."""
    outcome: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def work() -> None:
        try:
            outcome.put(call())
        except Exception as error:
            outcome.put(error)

    Thread(target=work, daemon=True).start()
    with suppress(queue.Empty):
        return outcome.get(timeout=seconds)
    return None


def _wait_for_worker(executor: ClusterExecutor, address: str) -> None:
    deadline = time.monotonic() + _FIRST_WORKER
    while not executor.capacity:
        if time.monotonic() > deadline:
            raise ClusterError(
                f"scheduler {address}: has no worker; start one with: dask worker {address} "
                "--nthreads 1"
            )
        time.sleep(0.2)
        executor.check_workers()


def _check_versions(client: Any, address: str) -> None:
    """Compare versions before anything is trained.

    Raises:
        ClusterError: naming the first package that differs.
    """
    versions = _within(_REACH, lambda: client.get_versions(packages=list(_SAME)))
    if not isinstance(versions, dict):
        raise ClusterError(
            f"scheduler {address}: one of its workers does not answer within {_REACH:.0f} s; end "
            "it, or wait until it does"
        )
    ours = versions["client"]["packages"]
    everyone = {"the scheduler": versions["scheduler"]}
    everyone |= {f"worker {where}": worker for where, worker in versions["workers"].items()}
    for who, process in everyone.items():
        theirs = process["packages"]
        for package in _SAME:
            if theirs.get(package) != ours[package]:
                raise ClusterError(
                    f"scheduler {address}: {who} has {package} {theirs.get(package) or 'not'}, "
                    f"here it is {ours[package]}; install the same versions everywhere"
                )


def _close(opened: Any) -> None:
    """Close a client or a cluster; neither may keep the process waiting or raise."""
    with _interrupts_held(), suppress(Exception):  # a second Ctrl-C would leave it half closed
        opened.close(timeout=5)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence dask's log, so that an error is bofcheck's one line only."""
    # parts of dask set their levels separately
    loggers = [
        logging.getLogger(name)
        for name in ("distributed", "tornado", "asyncio", *logging.root.manager.loggerDict)
        if name.partition(".")[0] in {"distributed", "tornado", "asyncio"}
    ]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back until the end of the block.

    Threads and processes started within never receive it, nor do their children: a terminal sends
    it to all of them, and only the driver may end them.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    # a thread that started it later would let the signal through again
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
