"""Get hold of workers: processes of one's own, or a cluster that is running."""

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
from .cluster import ClusterCrew

#: Seconds to reach a scheduler, and to wait for its first worker.
_REACH, _FIRST_WORKER = 15.0, 10.0
#: Packages that must be the same everywhere: the numbers' and the wire's.
_SAME = ("bofcheck", "numpy", "numba", "dask", "distributed")


@contextmanager
def local_workers(count: int) -> Iterator[ClusterCrew]:
    """Start worker processes on this machine, which end with the ``with`` block.

    They share the cores, listen on 127.0.0.1 only, and are replaced when they are killed. A
    script that calls this needs ``if __name__ == "__main__":`` around its own code.

    Args:
        count: how many.

    Yields:
        The crew, for `fill_cells` and all that trains with a ``crew``.

    Raises:
        ClusterError: dask.distributed is not installed, or they cannot be started.

    Example:
        >>> from bofcheck.simulate import CellOrder, Problem, TrajectoryStore, fill_cells
        >>> orders = [CellOrder("small", Problem(n_samples=4, dim=100), seeds=100, steps=10)]
        >>> with local_workers(2) as crew:  # doctest: +SKIP
        ...     fill_cells(TrajectoryStore("results/mine", {}), orders, crew=crew)
        2
    """
    distributed = _distributed()
    share = {"NUMBA_NUM_THREADS": str(max(1, config.NUMBA_NUM_THREADS // count))}
    with _quiet(), ExitStack() as hired:
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
                hired.callback(_close, cluster)
        except (OSError, RuntimeError, TimeoutError) as error:
            raise ClusterError(f"{count} workers cannot be started here: {error}") from None
        client = distributed.Client(cluster, timeout=_REACH, set_as_default=False)
        hired.callback(_close, client)
        yield ClusterCrew(client, "local workers")


@contextmanager
def running_cluster(address: str) -> Iterator[ClusterCrew]:
    """Connect to a scheduler that is running and has workers.

    Args:
        address: such as ``tcp://10.0.0.1:8786``.

    Yields:
        The crew, for `fill_cells` and all that trains with a ``crew``.

    Raises:
        ClusterError: dask.distributed is not installed; nothing answers at the address within 20
            seconds, or no worker is there within 10 more; versions differ.

    Example:
        >>> from bofcheck.simulate import CellOrder, Problem, TrajectoryStore, fill_cells
        >>> orders = [CellOrder("small", Problem(n_samples=4, dim=100), seeds=100, steps=10)]
        >>> with running_cluster("tcp://10.0.0.1:8786") as crew:  # doctest: +SKIP
        ...     fill_cells(TrajectoryStore("results/mine", {}), orders, crew=crew)
        2
    """
    distributed = _distributed()
    with _quiet():
        client = _connect(distributed, address)
        try:
            try:
                crew = ClusterCrew(client, f"scheduler {address}")
                _wait_for_worker(crew, address)
            except ClusterLostError as error:  # nothing was begun
                raise ClusterError(str(error).partition("; what was finished")[0]) from None
            _check_versions(client, address)
            yield crew
        finally:
            _close(client)


def _distributed() -> Any:
    """The library.

    Raises:
        ClusterError: it is not installed.
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
        ClusterError: there is none at the address.
    """

    class Client(distributed.Client):  # type: ignore[misc]  # of a library not looked into
        def __del__(self) -> None:
            """Nothing: one that never connected would keep the process waiting at its end."""

    # where somebody listens who never answers, the client itself would wait for ever
    answer = _within(1.3 * _REACH, lambda: Client(address, timeout=_REACH, set_as_default=False))
    if isinstance(answer, distributed.Client):
        return answer
    if address.startswith("tls://"):
        raise ClusterError(
            f"scheduler {address}: cannot be reached with dask's TLS settings here; see "
            "distributed.comm.tls in dask's configuration"
        )
    if isinstance(answer, ValueError | TypeError):
        there = re.fullmatch(r"tcp://[^/:]+:\d+|tcp://\[[0-9a-fA-F:]+\]:\d+", address)
        why = "is no dask scheduler" if there else "not an address, use tcp://HOST:PORT"
        raise ClusterError(f"scheduler {address}: {why}")
    raise ClusterError(f"scheduler {address}: cannot be reached; start one with: dask scheduler")


def _within(seconds: float, call: Callable[[], Any]) -> Any:
    """What a call gives or raises; None where it takes longer, and is left to itself."""
    came: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def work() -> None:
        try:
            came.put(call())
        except Exception as error:
            came.put(error)

    Thread(target=work, daemon=True).start()
    with suppress(queue.Empty):
        return came.get(timeout=seconds)
    return None


def _wait_for_worker(crew: ClusterCrew, address: str) -> None:
    deadline = time.monotonic() + _FIRST_WORKER
    while not crew.hands:
        if time.monotonic() > deadline:
            raise ClusterError(
                f"scheduler {address}: has no worker; start one with: dask worker {address} "
                "--nthreads 1"
            )
        time.sleep(0.2)
        crew.look()


def _check_versions(client: Any, address: str) -> None:
    """Compare versions before anything is trained.

    Raises:
        ClusterError: naming the first that differs.
    """
    found = _within(_REACH, lambda: client.get_versions(packages=list(_SAME)))
    if not isinstance(found, dict):
        raise ClusterError(
            f"scheduler {address}: one of its workers does not answer within {_REACH:.0f} s; end "
            "it, or wait until it does"
        )
    ours = found["client"]["packages"]
    everyone = {"the scheduler": found["scheduler"]}
    everyone |= {f"worker {where}": one for where, one in found["workers"].items()}
    for who, one in everyone.items():
        theirs = one["packages"]
        for package in _SAME:
            if theirs.get(package) != ours[package]:
                raise ClusterError(
                    f"scheduler {address}: {who} has {package} {theirs.get(package) or 'not'}, "
                    f"here it is {ours[package]}; install the same versions everywhere"
                )


def _close(thing: Any) -> None:
    """Let go of a client or a cluster; neither may keep the process waiting or complain."""
    with _interrupts_held(), suppress(Exception):  # a second Ctrl-C would leave it half closed
        thing.close(timeout=5)


@contextmanager
def _quiet() -> Iterator[None]:
    """What goes wrong becomes one line of ours; dask's own log would come on top of it."""
    # the parts of dask have levels of their own
    loggers = [
        logging.getLogger(name)
        for name in ("distributed", "tornado", "asyncio", *logging.root.manager.loggerDict)
        if name.partition(".")[0] in {"distributed", "tornado", "asyncio"}
    ]
    before = [one.level for one in loggers]
    for one in loggers:
        one.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for one, level in zip(loggers, before, strict=True):
            one.setLevel(level)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back until the end of the block.

    Threads and processes started within never hear it, nor do those they start: a terminal sends
    it to all of them, and to end them is the driver's business.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    # it would let the signal through again, were it started by one of those threads
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
