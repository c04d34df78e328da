"""One contender in its own process: ``python -m harness.worker MODULE NAME``.

Orders come as JSON lines on standard input, and an answer to each goes to standard output. The
process imports only its contender, so its peak memory is the contender's.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any, TextIO

from .cell import Cell
from .contender import Contender, NotOfferedError, Prepared

#: Seconds up to which a first step, which may have compiled, is timed again.
_WORTH_REPEATING = 60.0


def peak_bytes() -> int:
    """Peak memory of this process.

    On Linux ``ru_maxrss`` includes the peak of the parent process, so ``/proc`` is read there.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = (line.split() for line in status.read_text().splitlines())
        return next(1024 * int(words[1]) for words in lines if words and words[0] == "VmHWM:")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # in bytes on macOS


class Steps:
    """Times steps of a prepared contender.

    Attributes:
        prepared: the prepared contender.
        threads: the current number of threads.
    """

    def __init__(self, contender: Contender, prepared: Prepared) -> None:
        self.prepared = prepared
        self.threads = 0
        self._contender = contender

    def take(self, count: int, threads: int) -> float:
        """Seconds of ``count`` steps."""
        if threads and threads != self.threads:
            self._contender.use_threads(threads)
            self.threads = threads
        began = time.perf_counter()
        self.prepared.step(count)
        return time.perf_counter() - began

    def probe(self, threads: int, turn_seconds: float) -> dict[str, Any]:
        """The number of steps that fill a turn, and the seconds of one step.

        The first step is discarded, since it compiles and allocates, unless it took minutes.
        """
        spent = self.take(1, threads)
        count = 1
        if spent < _WORTH_REPEATING:
            spent = self.take(1, threads)
        while spent < turn_seconds / 4:
            count *= 4
            spent = self.take(count, threads)
        seconds = spent / count
        return {"seconds": seconds, "count": max(1, round(turn_seconds / seconds))}

    def turn(self, count: int, threads: int) -> dict[str, Any]:
        """A turn: a short untimed lead, which wakes threads and fills caches, then the steps."""
        if count > 1:
            self.take(-(-count // 5), threads)
        return {"seconds": self.take(count, threads) / count}


def serve(orders: TextIO, answers: TextIO, contender: Contender) -> None:
    """Answer orders until the input ends."""
    steps: Steps | None = None
    bare = peak_bytes()
    for line in orders:
        order = json.loads(line)
        verb = order.pop("do")
        answer: dict[str, Any]
        if verb == "ready":
            answer = {}
        elif verb == "prepare":
            began = time.perf_counter()
            try:
                steps = Steps(contender, contender.prepare(Cell(**order["cell"]), order["device"]))
                answer = {"seconds": time.perf_counter() - began, "runs": steps.prepared.runs}
            except NotOfferedError as error:
                answer = {"not_offered": str(error)}
        elif steps is None:
            answer = {"error": f"{verb}: nothing is prepared yet"}
        elif verb == "finish":
            answer = {
                "finite": steps.prepared.finite(),
                "peak_bytes": peak_bytes(),
                "import_bytes": bare,
                "device_peak_bytes": steps.prepared.device_bytes(),
            }
        else:
            answer = getattr(steps, verb)(**order)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    _, module, name = sys.argv
    # a library's output must not be mistaken for an answer
    pipe = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    contenders = {item.name: item for item in importlib.import_module(module).CONTENDERS}
    serve(sys.stdin, pipe, contenders[name])
