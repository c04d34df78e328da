"""Measure one group: contenders that fit take turns, the rest are not tried."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Protocol

from .cell import Cell
from .contender import Contender
from .rounds import WorkerError, play, summary


@dataclass(frozen=True)
class Entry:
    """A contender in a cell, on a device.

    Attributes:
        contender: its name.
        cell: the size.
        device: ``"cpu"`` or an accelerator.
        part: the entry's role in its group, if the contender does not determine it.
    """

    contender: str
    cell: Cell
    device: str = "cpu"
    part: str = ""

    @property
    def key(self) -> str:
        """Key of the entry, unique in its group."""
        return self.part or f"{self.contender}@{self.device}"


@dataclass(frozen=True)
class Limits:
    """Limits on a contender.

    Attributes:
        rounds: turns of each contender.
        turn_seconds: seconds a turn should take.
        step_seconds: a slower step is probed once and not run.
        memory_bytes: a contender that needs more is not tried.
    """

    rounds: int
    turn_seconds: float
    step_seconds: float
    memory_bytes: int


class Worker(Protocol):
    """A contender, here or in another process; see `WorkerProcess`."""

    def ready(self) -> None:
        """Return once everything is imported."""

    def prepare(self, cell: Cell, device: str) -> dict[str, Any]:
        """Draw a start."""

    def probe(self, threads: int, turn_seconds: float) -> dict[str, Any]:
        """Seconds of a step, steps of a turn."""

    def turn(self, count: int, threads: int) -> float:
        """Seconds a step."""

    def finish(self) -> dict[str, Any]:
        """Peak memory, and whether all is finite."""

    def close(self) -> None:
        """End it."""


def measure_group(
    entries: Iterable[Entry],
    contenders: Mapping[str, Contender],
    limits: Limits,
    open_worker: Callable[[str], Worker],
) -> list[dict[str, Any]]:
    """One row per entry: its outcome, and seconds per run and step if it was measured.

    Args:
        entries: the entries that take turns with each other.
        contenders: contenders by name.
        limits: limits on each contender.
        open_worker: starts a worker for the contender of that name.

    Returns:
        Rows with ``outcome`` one of ``measured``, ``does not fit``, ``not run``,
        ``not offered`` or ``failed``.
    """
    seats = [_Seat(entry, contenders[entry.contender], limits) for entry in entries]
    with ExitStack() as stack:
        for seat in seats:
            seat.open(open_worker, stack)
        for seat in seats:
            seat.wait()  # no contender is probed while others still import
        for seat in seats:
            seat.sit()
        turns = {name: turn for seat in seats for name, turn in seat.turns.items()}
        samples, lost = play(turns, limits.rounds)
        for seat in seats:
            seat.conclude(samples, lost)
    return [seat.row for seat in seats]


class _Seat:
    """An entry on its way to a row; each thread count it tries takes turns of its own."""

    def __init__(self, entry: Entry, contender: Contender, limits: Limits) -> None:
        self.turns: dict[str, Callable[[], float]] = {}
        self.row: dict[str, Any] = {
            "key": entry.key,
            "contender": entry.contender,
            "label": contender.label,
            "device": entry.device,
            "cell": vars(entry.cell),
            "bytes_needed": contender.bytes_needed(entry.cell),
        }
        self._entry, self._contender, self._limits = entry, contender, limits
        self._worker: Worker | None = None
        self._threads: dict[str, int] = {}

    def open(self, open_worker: Callable[[str], Worker], stack: ExitStack) -> None:
        """Start a worker, if the cell fits into memory."""
        if self.row["bytes_needed"] > self._limits.memory_bytes:
            self.row["outcome"] = "does not fit"
            return
        self._worker = open_worker(self._entry.contender)
        stack.callback(self._worker.close)

    def wait(self) -> None:
        """Wait until the worker has imported its libraries."""
        if self._worker is not None:
            self._guard(self._worker.ready)

    def sit(self) -> None:
        """Prepare and probe."""
        worker = self._worker
        if worker is not None:
            self._guard(lambda: self._prepare(worker))
            if not self.turns and self._worker is not None:
                self._leave()

    def _guard(self, work: Callable[[], None]) -> None:
        try:
            work()
        except WorkerError as error:
            self._end("failed", str(error))
            self.turns.clear()
            self._leave()

    def _leave(self) -> None:
        """Close the worker at once, since other contenders need its memory."""
        assert self._worker is not None
        self._worker.close()
        self._worker = None

    def _prepare(self, worker: Worker) -> None:
        answer = worker.prepare(self._entry.cell, self._entry.device)
        if "not_offered" in answer:
            self._end("not offered", answer["not_offered"])
            return
        runs = int(answer["runs"])
        self.row |= {"runs": runs, "prepare_seconds": answer["seconds"]}
        slow = []
        for threads in self._contender.threads(self._entry.device):
            probe = worker.probe(threads, self._limits.turn_seconds)
            if probe["seconds"] > self._limits.step_seconds:
                slow.append(probe["seconds"])
                continue

            def turn(count: int = probe["count"], threads: int = threads) -> float:
                return worker.turn(count, threads) / float(runs)

            name = f"{self._entry.key} {threads}"
            self.turns[name] = turn
            self._threads[name] = threads
        if not self.turns:
            self.row |= {"outcome": "not run", "probed_seconds": min(slow)}

    def conclude(self, samples: Mapping[str, list[float]], lost: Mapping[str, str]) -> None:
        """Write the fastest thread count and the peak memory into the row."""
        if self._worker is None:
            return
        failures = [lost[name] for name in self._threads if name in lost]
        try:
            memory = self._worker.finish()
        except WorkerError as error:
            failures.append(str(error))
        if failures:
            self._end("failed", failures[0])
            return
        if not memory.pop("finite"):
            self._end("failed", "a run diverged")
            return
        summaries = {name: summary(samples[name]) for name in self._threads}
        best = min(summaries, key=lambda name: float(summaries[name]["seconds"]))
        self.row |= {"outcome": "measured", **summaries[best], "threads": self._threads[best]}
        self.row["by_threads"] = {
            str(self._threads[name]): timing["seconds"] for name, timing in summaries.items()
        }
        self.row |= memory

    def _end(self, outcome: str, why: str) -> None:
        self.row |= {"outcome": outcome, "why": why}
