"""`WorkerProcess`: a contender that runs in its own process, seen from this one."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .cell import Cell
from .rounds import WorkerError

BENCHMARKS = Path(__file__).parents[1]
#: Seconds of rest before a turn, so that the threads of the previous contender fall asleep.
_REST = 0.02


class WorkerProcess:
    """Starts the process at once; every call waits for its answer.

    Args:
        module: module of the contender.
        name: name of the contender.
        env: environment of the process; None for this process's.

    Raises:
        WorkerError: by every call, if the process has died.
    """

    def __init__(self, module: str, name: str, env: dict[str, str] | None = None) -> None:
        self._name = name
        self._process = subprocess.Popen(
            [sys.executable, "-m", "harness.worker", module, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=BENCHMARKS,
            # by default idle threads of numpy's BLAS spin for 0.1 s, into the next contender's turn
            env={"OPENBLAS_THREAD_TIMEOUT": "20", **(os.environ if env is None else env)},
        )

    def ready(self) -> None:
        """Return once everything is imported."""
        self._ask(do="ready")

    def prepare(self, cell: Cell, device: str) -> dict[str, Any]:
        """Draw a start: ``seconds`` and ``runs``, or ``not_offered`` and why."""
        return self._ask(do="prepare", cell=asdict(cell), device=device)

    def probe(self, threads: int, turn_seconds: float) -> dict[str, Any]:
        """``seconds`` of a step, and the ``count`` that fills a turn."""
        return self._ask(do="probe", threads=threads, turn_seconds=turn_seconds)

    def turn(self, count: int, threads: int) -> float:
        """Seconds per step, over that many steps."""
        time.sleep(_REST)
        return float(self._ask(do="turn", count=count, threads=threads)["seconds"])

    def finish(self) -> dict[str, Any]:
        """``finite``, ``peak_bytes``, ``import_bytes`` and ``device_peak_bytes``."""
        return self._ask(do="finish")

    def close(self) -> None:
        """End the process; further calls do nothing."""
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate()

    def _ask(self, **order: Any) -> dict[str, Any]:
        pipe_in, pipe_out = self._process.stdin, self._process.stdout
        assert pipe_in is not None
        assert pipe_out is not None
        try:
            pipe_in.write(json.dumps(order) + "\n")
            pipe_in.flush()
            line = pipe_out.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise WorkerError(f"{self._name}: its process ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise WorkerError(f"{self._name}: {answer['error']}")
        return answer
