"""The cost of compiling the kernels: first calls on an empty and on a filled cache."""

from __future__ import annotations

import os
import tempfile

from .cell import Cell
from .process import WorkerProcess


def compile_seconds(module: str, name: str) -> dict[str, float]:
    """Time a contender's first start and step in two fresh processes that share one cache.

    Returns:
        ``first`` with nothing cached, ``cached`` once the first has filled the cache, and
        their difference ``compile``; seconds, imports not counted.

    Raises:
        WorkerError: the contender failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "NUMBA_CACHE_DIR": folder}
        first, cached = (_first_call(module, name, env) for _ in range(2))
    return {"first": first, "cached": cached, "compile": first - cached}


def _first_call(module: str, name: str, env: dict[str, str]) -> float:
    worker = WorkerProcess(module, name, env)
    try:
        start = worker.prepare(Cell(n_samples=4, dim=128, runs=2), "cpu")["seconds"]
        return float(start + worker.turn(1, 0))
    finally:
        worker.close()
