"""`ClusterExecutor`: shards trained by the workers of a dask cluster."""

from __future__ import annotations

import math
import queue
import time
import uuid
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from ..._version import __version__
from ..batch import engine_provenance
from ..errors import ClusterError, ClusterLostError
from ..model_problem import AnyProblem
from ..store.orders import Report, ShardTask
from ..trajectory import Trajectory
from .worker import torch_threads, train_shard

#: Seconds between two checks of the scheduler, allowed for an answer of it, without any answer or
#: any worker, and without a sign of life from a worker.
_CHECK, _ANSWER, _PATIENCE, _SILENT = 3.0, 8.0, 20.0, 20.0
#: Seconds allowed for a probe; a cluster busy with other clients' tasks has no free worker.
_PROBE = 15.0
#: Tasks submitted for each shard that can be trained at a time, so that no worker waits.
_AHEAD = 2


class ClusterExecutor:
    """The workers of a dask cluster.

    Attributes:
        capacity: how many shards they train at a time; counted again every few seconds. Workers
            that are paused, or silent for 20 s, do not count.

    Args:
        client: connected to the scheduler.
        what: name of the cluster in messages.
    """

    def __init__(self, client: Any, what: str) -> None:
        self._client = client
        self._what = what
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._checked = self._had_worker = self._answered = time.monotonic()
        # address -> last sign of life by the worker's clock, and when it was seen here
        self._signs: dict[str, tuple[float, float]] = {}
        self.capacity = 0
        self.check_workers()

    def train(
        self, tasks: Iterator[ShardTask], report: Report
    ) -> Generator[tuple[ShardTask, Trajectory]]:
        """Submit tasks, a few ahead, and yield results as they come in, in any order.

        Raises:
            SimulationError: a task cannot be trained.
            ClusterLostError: the scheduler or all workers are gone, or a shard killed several
                workers.
        """
        topic = f"bofcheck-{uuid.uuid4().hex}"
        under_way: dict[Any, ShardTask] = {}
        self._client.subscribe_topic(topic, self._inbox.put)
        try:
            while True:
                while len(under_way) < _AHEAD * max(self.capacity, 1):
                    task = next(tasks, None)
                    if task is None:
                        break
                    under_way[self._submit(task, topic)] = task
                if not under_way:
                    return
                message = self._next_message(math.inf)
                if not hasattr(message, "key"):
                    _pass_on(message, under_way, report)
                elif message not in under_way:
                    continue  # cancelled earlier
                elif (trajectory := self._result(message, under_way[message])) is not None:
                    yield under_way.pop(message), trajectory
        finally:
            # without waiting for an answer, which a scheduler that is gone would not give;
            # workers notice within a moment that these tasks are cancelled
            with suppress(Exception):
                for future in under_way:
                    future.release()
                self._client.unsubscribe_topic(topic)

    def probe(self, work: Any, *args: object) -> Any:
        """Call a function of bofcheck on one of the workers.

        Returns:
            Its result; None if no worker is free within 15 s.

        Raises:
            ClusterLostError: the scheduler or all workers are gone.
        """
        future = self._client.submit(work, *args, pure=False)
        future.add_done_callback(self._inbox.put)
        deadline = time.monotonic() + _PROBE
        while time.monotonic() < deadline:
            if self._next_message(deadline) is future:
                value = self._value(future, "the probe")
                if value is not None:
                    return value
        future.release()
        return None

    def _submit(self, task: ShardTask, topic: str) -> Any:
        threads = torch_threads(task.order)
        future = self._client.submit(train_shard, task, topic, threads, pure=False)
        future.add_done_callback(self._inbox.put)
        return future

    def _next_message(self, deadline: float) -> Any:
        """A future that is done, or an event; meanwhile the workers are checked.

        None where neither comes before the deadline.
        """
        while time.monotonic() < deadline:
            if time.monotonic() - self._checked > _CHECK:
                self.check_workers()
            with suppress(queue.Empty):
                return self._inbox.get(timeout=0.5)
        return None

    def _result(self, future: Any, task: ShardTask) -> Trajectory | None:
        """A task's result; None if its worker died with it, and it is being trained again."""
        trajectory: Trajectory | None = self._value(future, f"cell {task.order.name}")
        if trajectory is None:
            return None
        for package, here in versions_here(task.order.engine, task.order.problem).items():
            theirs = trajectory.provenance.get(package)
            if theirs != here:
                raise ClusterError(
                    f"{self._what}: a worker has {package} {theirs}, here it is {here}; install "
                    "the same version everywhere"
                )
        return trajectory

    def _value(self, future: Any, what: str) -> Any:
        from distributed import KilledWorker

        if future.status == "cancelled":
            raise self._lost("its scheduler is gone")
        try:
            return future.result(timeout=_ANSWER)
        except KilledWorker:
            raise ClusterLostError(
                f"{what}: every worker that trained it was killed (out of memory?); what was "
                "finished is kept"
            ) from None
        except TimeoutError:  # lost with its worker before it was sent: wait for it again
            future.add_done_callback(self._inbox.put)
            return None
        except Exception as error:
            if type(error).__name__ in {"CancelledError", "FutureCancelledError"}:
                raise self._lost("its scheduler is gone") from None
            raise

    def check_workers(self) -> None:
        """Count the running workers, and unregister workers that have gone silent.

        Raises:
            ClusterLostError: the scheduler does not answer, or has had no worker for a while.
        """
        now = time.monotonic()
        if now - self._checked > _ANSWER + _CHECK:  # it was this process that was stopped
            self._signs, self._had_worker, self._answered = {}, now, now
        workers = self._workers()
        self._checked = time.monotonic()
        if workers is None:
            return
        now = time.monotonic()
        before, self._signs = self._signs, {}
        silent = []
        for address, worker in workers.items():
            last, seen = before.get(address, (None, now))
            seen = seen if last == worker["last_seen"] else now
            self._signs[address] = (worker["last_seen"], seen)
            if now - seen > _SILENT:
                silent.append(address)
        running = [
            worker["nthreads"]
            for address, worker in workers.items()
            if worker["status"] == "running" and address not in silent
        ]
        self.capacity = sum(running)
        for address in silent:
            self._unregister(address)
        if self.capacity:
            self._had_worker = now
        elif now - self._had_worker > _PATIENCE:
            idle = "; its workers are paused (out of memory?) or frozen" if workers else ""
            raise self._lost(f"it has had no worker for {_PATIENCE:.0f} s{idle}")

    def _workers(self) -> dict[str, Any] | None:
        """The scheduler's information on each worker by address; None if it may just be busy.

        Raises:
            ClusterLostError: the scheduler does not answer.
        """
        try:
            if self._client.status != "running":
                raise OSError
            ask = self._client.scheduler.identity
            known = self._client.sync(ask, n_workers=-1, callback_timeout=_ANSWER)
        except TimeoutError:  # perhaps busy
            if time.monotonic() - self._answered > _PATIENCE - _ANSWER:
                raise self._lost("its scheduler does not answer") from None
            return None
        except (OSError, AttributeError):
            raise self._lost("its scheduler does not answer") from None
        self._answered = time.monotonic()
        workers: dict[str, Any] = known["workers"]
        return workers

    def _unregister(self, address: str) -> None:
        """Move a frozen worker's shards to other workers, as dask itself would minutes later."""
        with suppress(Exception):
            self._client.sync(
                self._client.scheduler.unregister, address=address, expected=True,
                stimulus_id=f"bofcheck-silent-{uuid.uuid4().hex}", callback_timeout=_ANSWER,
            )  # fmt: skip

    def _lost(self, why: str) -> ClusterLostError:
        return ClusterLostError(
            f"{self._what}: {why}; what was finished is kept, run the same command again to go on"
        )


def versions_here(engine: str, problem: AnyProblem) -> dict[str, str]:
    """Versions here of the packages a shard's numbers depend on.

    >>> from bofcheck.simulate import Problem, make_problem
    >>> sorted(versions_here("span", Problem()))
    ['bofcheck', 'numba', 'numpy']
    >>> sorted(versions_here("span", make_problem(model="linear")))
    ['bofcheck', 'numpy', 'torch']
    """
    depended = engine_provenance(problem, engine)
    own = {name: str(value) for name, value in depended.items() if name in ("numba", "torch")}
    return {"bofcheck": __version__, "numpy": np.__version__, **own}


def _pass_on(message: Any, under_way: dict[Any, ShardTask], report: Report) -> None:
    """Report a worker's progress, unless its shard is done by now."""
    _, (name, rank, steps) = message
    for task in under_way.values():
        if (task.order.name, task.rank) == (name, rank):
            report(task, steps)
