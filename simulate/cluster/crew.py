"""`ClusterCrew`: shards trained by the workers of a dask cluster."""

from __future__ import annotations

import queue
import time
import uuid
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import Any

from ..._version import __version__
from ..errors import ClusterError, ClusterLostError
from ..store.orders import Report, ShardTask
from ..trajectory import Trajectory
from .worker import torch_threads, train_shard

#: Seconds: between two looks at the scheduler, for its answer, and without any worker.
_LOOK, _ANSWER, _PATIENCE = 3.0, 10.0, 20.0
#: Tasks handed out for each one that can be trained at a time, so that no worker waits.
_AHEAD = 2


class ClusterCrew:
    """The workers of a dask cluster.

    Attributes:
        hands: how many shards they train at a time; looked up again every few seconds.

    Args:
        client: connected to the scheduler.
        what: what to call the cluster in messages.
    """

    def __init__(self, client: Any, what: str) -> None:
        self._client = client
        self._what = what
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._looked = self._staffed = time.monotonic()
        self.hands = 0
        self.look()

    def train(
        self, tasks: Iterator[ShardTask], report: Report
    ) -> Generator[tuple[ShardTask, Trajectory]]:
        """Hand out tasks, a few ahead, and give back what comes in, in any order.

        Raises:
            SimulationError: a task cannot be trained.
            ClusterLostError: the scheduler or all workers are gone, or one shard killed several.
        """
        topic = f"bofcheck-{uuid.uuid4().hex}"
        under_way: dict[Any, ShardTask] = {}
        self._client.subscribe_topic(topic, self._inbox.put)
        try:
            while True:
                while len(under_way) < _AHEAD * max(self.hands, 1):
                    task = next(tasks, None)
                    if task is None:
                        break
                    under_way[self._hand_out(task, topic)] = task
                if not under_way:
                    return
                message = self._next_message()
                if not hasattr(message, "key"):
                    _pass_on(message, under_way, report)
                elif message not in under_way:
                    continue  # given up earlier
                elif (trajectory := self._result(message, under_way[message])) is not None:
                    yield under_way.pop(message), trajectory
        finally:
            # told, not asked: a scheduler that is gone keeps nobody waiting; its workers notice
            # within a moment that nobody wants these any more
            with suppress(Exception):
                for future in under_way:
                    future.release()
                self._client.unsubscribe_topic(topic)

    def probe(self, work: Any, *args: object) -> Any:
        """Call a function of bofcheck on one of the workers.

        Raises:
            ClusterLostError: no worker answers.
        """
        future = self._client.submit(work, *args, pure=False)
        future.add_done_callback(self._inbox.put)
        value = None
        while value is None:
            if self._next_message() is future:
                value = self._value(future, "the probe")
        return value

    def _hand_out(self, task: ShardTask, topic: str) -> Any:
        threads = torch_threads(task.order.engine)
        future = self._client.submit(train_shard, task, topic, threads, pure=False)
        future.add_done_callback(self._inbox.put)
        return future

    def _next_message(self) -> Any:
        """A future that is done, or an event; meanwhile the cluster is looked after."""
        while True:
            if time.monotonic() - self._looked > _LOOK:
                self.look()
            with suppress(queue.Empty):
                return self._inbox.get(timeout=0.5)

    def _result(self, future: Any, task: ShardTask) -> Trajectory | None:
        """What a task gave; None if its worker died with it, and it is being done again."""
        trajectory: Trajectory | None = self._value(future, f"cell {task.order.name}")
        if trajectory is None:
            return None
        made = trajectory.provenance["bofcheck"]
        if made != __version__:
            raise ClusterError(
                f"{self._what}: a worker has bofcheck {made}, here it is {__version__}; install "
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
        except TimeoutError:  # lost with its worker before it came here: wait for it again
            future.add_done_callback(self._inbox.put)
            return None
        except Exception as error:
            if type(error).__name__ in {"CancelledError", "FutureCancelledError"}:
                raise self._lost("its scheduler is gone") from None
            raise

    def look(self) -> None:
        """Count the workers.

        Raises:
            ClusterLostError: the scheduler does not answer, or has had no worker for a while.
        """
        self._looked = time.monotonic()
        try:
            if self._client.status != "running":
                raise OSError
            scheduler = self._client.scheduler
            threads: dict[str, int] = self._client.sync(scheduler.ncores, callback_timeout=_ANSWER)
        except (OSError, TimeoutError, AttributeError):
            raise self._lost("its scheduler does not answer") from None
        self.hands = sum(threads.values())
        if self.hands:
            self._staffed = time.monotonic()
        elif time.monotonic() - self._staffed > _PATIENCE:
            raise self._lost(f"it has had no worker for {_PATIENCE:.0f} s")

    def _lost(self, why: str) -> ClusterLostError:
        return ClusterLostError(
            f"{self._what}: {why}; what was finished is kept, run the same command again to go on"
        )


def _pass_on(message: Any, under_way: dict[Any, ShardTask], report: Report) -> None:
    """Report what a worker said, unless its shard is done by now."""
    _, (name, rank, steps) = message
    for task in under_way.values():
        if (task.order.name, task.rank) == (name, rank):
            report(task, steps)
