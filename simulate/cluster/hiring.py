"""Get hold of workers: processes of one's own, or a cluster that is running."""

from __future__ import annotations

import logging
import queue
import signal
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import resource_tracker
from threading import Thread
from typing import Any

from numba.core import config

from ..errors import ClusterError
from .crew import ClusterCrew

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
            crew = ClusterCrew(client, f"scheduler {address}")
            _wait_for_worker(crew, address)
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
    came: queue.SimpleQueue[Any] = queue.SimpleQueue()

    class Client(distributed.Client):  # type: ignore[misc]  # of a library not looked into
        def __del__(self) -> None:
            """Nothing: one that never connected would keep the process waiting at its end."""

    def connect() -> None:
        try:
            came.put(Client(address, timeout=_REACH, set_as_default=False))
        except Exception as error:
            came.put(error)

    # where somebody listens who never answers, the client itself would wait for ever
    Thread(target=connect, daemon=True).start()
    with suppress(queue.Empty):
        answer = came.get(timeout=1.3 * _REACH)
        if isinstance(answer, distributed.Client):
            return answer
        if isinstance(answer, ValueError | TypeError):
            raise ClusterError(f"scheduler {address}: not an address, use tcp://HOST:PORT")
    raise ClusterError(f"scheduler {address}: cannot be reached; start one with: dask scheduler")


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
    found = client.get_versions(packages=list(_SAME))
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
    with suppress(Exception):
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
