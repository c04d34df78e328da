"""The cost of the store and the scaling of sweeps: ``python benchmarks/scaling.py --json FILE``.

Planning and opening 10^5 cells, peak memory by number of cells, the cost of a shard by number of
stored shards, the store's share of the heat map's time, and 1, 2, … workers.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from bofcheck.simulate import CellOrder, Problem, TrajectoryStore, fill_cells, train
from bofcheck.simulate.executors import local_workers
from bofcheck.simulate.grids import get_grid, read_sweep
from bofcheck.simulate.store.manifest import Entry, Manifest
from bofcheck.simulate.store.shards import Shard, making
from bofcheck.simulate.sweep import Sweep, missing_runs
from harness.machine import describe_machine, describe_versions
from heatmap import split_time

#: Two axes whose product is the number of cells; the cheapest possible problem.
_ROWS = 100
_TINY = {"dim": 10, "test_tokens": 2}
#: Script of a separate process that prints its peak memory in kB.
_PEAK = """
import resource, sys
from bofcheck.simulate import TrajectoryStore
from bofcheck.simulate.sweep import missing_runs, run_sweep
from bofcheck.simulate.grids import read_sweep
sweep = read_sweep(sys.argv[1])
store = TrajectoryStore(sys.argv[2], {})
missing_runs(sweep, store)
run_sweep(sweep, store)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def write_file(path: Path, cells: int) -> Path:
    """A sweep's file of that many cells (a multiple of 100)."""
    norms = [1 + rank / 128 for rank in range(cells // _ROWS)]
    problem = "".join(f"{key} = {value}\n" for key, value in _TINY.items())
    path.write_text(
        f"seeds = 1\nsteps = 1\n[problem]\n{problem}[grid]\n"
        f"n_samples = [2]\nkey_dim = {list(range(1, 1 + _ROWS))}\nsignal_norm = {norms}\n"
    )
    return path


def fill_with_lines(folder: Path, sweep: Sweep) -> TrajectoryStore:
    """A store that looks finished by its manifest and the sizes of its files."""
    store = TrajectoryStore(folder, {})
    store.prepare()
    trained = train(next(iter(sweep.problems.values())), seeds=1, steps=1)
    entries = []
    for name, problem in sweep.problems.items():
        path = Path(store.where(name)) / "0000.npz"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"-")
        checksum = making(problem, trained.seeds, trained.steps, trained.provenance)
        entries.append(Entry(name, 0, 1, 1, "0" * 64, checksum))
    Manifest(folder / "manifest.jsonl").replace(entries)
    return store


def timed(work: Callable[[], Any], repeats: int = 3) -> float:
    """Median seconds."""
    spent = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return median(spent)


def plan_and_open(folder: Path, cells: int, adds: int) -> dict[str, Any]:
    """Seconds to plan a sweep of that many cells, to open its store, and to add one shard to it."""
    file = write_file(folder / f"{cells}.toml", cells)
    sweep = read_sweep(file)
    kept = folder / f"store-{cells}"
    empty = TrajectoryStore(folder / "nothing", {})
    found = {
        "cells": cells,
        "read": timed(lambda: read_sweep(file)),
        "plan_empty": timed(lambda: missing_runs(sweep, empty)),
    }
    fill_with_lines(kept, sweep)

    def reopen() -> None:
        assert len(TrajectoryStore(kept, {}).names()) == cells

    def replan() -> None:
        assert missing_runs(sweep, TrajectoryStore(kept, {})) == 0

    found |= {"open": timed(reopen), "plan_full": timed(replan)}
    store = TrajectoryStore(kept, {})
    store.names()
    trained = train(Problem(n_samples=4, **_TINY), seeds=64, steps=64)
    names = iter(range(adds))
    found["add"] = timed(lambda: store.add(Shard(f"more-{next(names)}", 0, 1, trained)), adds)
    return found


def peak_memory(folder: Path, cells: int) -> dict[str, Any]:
    """Peak resident memory, in bytes, of a process that runs a sweep of that many tiny cells."""
    file = write_file(folder / f"run-{cells}.toml", cells)
    command = [sys.executable, "-c", _PEAK, str(file), str(folder / f"run-{cells}")]
    began = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    spent = time.perf_counter() - began
    return {"cells": cells, "peak_bytes": 1024 * int(done.stdout), "seconds": spent}


def with_workers(folder: Path, count: int | None, cells: int, steps: int) -> dict[str, Any]:
    """Seconds for the same cells with that many workers, None for this process alone."""
    problem = Problem(n_samples=20, dim=10**6, noise_std=1e-3, flip_prob=0.1)
    orders = [
        CellOrder(f"seed={rank}", problem.replace(seed=rank), 32, steps) for rank in range(cells)
    ]
    first = [CellOrder("first", problem, 32, 2)]
    store = TrajectoryStore(folder / f"workers-{count}", {})

    def measure(executor: Any) -> float:
        fill_cells(store, first, executor=executor)  # compiled and warm
        return timed(lambda: fill_cells(store, orders, executor=executor), 1)

    if count is None:
        return {"workers": 0, "seconds": measure(None), "start": 0.0}
    began = time.perf_counter()
    with local_workers(count) as executor:
        start = time.perf_counter() - began
        return {"workers": count, "seconds": measure(executor), "start": start}


def store_share(folder: Path, every: int) -> dict[str, Any]:
    """The split of the time of every n-th cell of the heat map."""
    sweep = get_grid("heatmap").sweep("paper")
    names = list(sweep.problems)[::every]
    some = replace(sweep, problems={name: sweep.problems[name] for name in names})
    return {"cells": len(names), "seeds": sweep.seeds, "seconds": split_time(some, folder / "map")}


def main(args: Sequence[str] | None = None) -> int:
    """Measure and write JSON."""
    parser = argparse.ArgumentParser(prog="scaling", description=__doc__)
    parser.add_argument("--plan", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--adds", type=int, default=20, help="shards added to each store")
    parser.add_argument("--memory", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument(
        "--every", type=int, default=20, help="take every n-th cell of the heat map"
    )
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--cells", type=int, default=16, help="cells for the workers")
    parser.add_argument("--steps", type=int, default=20_000, help="their gradient steps")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there")
    chosen = parser.parse_args(args)
    machine = describe_machine()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        document = {
            "schema": 1,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine,
            "versions": describe_versions(),
            "heatmap": store_share(folder, chosen.every),
            "plan": [plan_and_open(folder, cells, chosen.adds) for cells in chosen.plan],
            "memory": [peak_memory(folder, cells) for cells in chosen.memory],
            "workers": [
                with_workers(folder, count, chosen.cells, chosen.steps)
                for count in (None, *chosen.workers)
            ],
        }
    text = json.dumps(document, indent=1) + "\n"
    print(text)
    if chosen.json is not None:
        chosen.json.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
