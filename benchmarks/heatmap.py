"""The split of the time of ``bofcheck sweep --grid heatmap``: ``python benchmarks/heatmap.py``.

Runs the same steps as the command and splits the wall time. The preset ``paper`` is the paper's
whole heat map at one flip probability.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bofcheck.simulate import TrajectoryStore
from bofcheck.simulate.estimate import estimate_seconds
from bofcheck.simulate.grids import get_grid
from bofcheck.simulate.numerics.ram import keep_freed_memory
from bofcheck.simulate.store.shards import Shard
from bofcheck.simulate.sweep import Sweep, run_sweep
from formats import duration, table
from harness.machine import describe_machine, describe_versions

#: Times in a trajectory's provenance, and their names in the split.
_PHASES = {
    "start_seconds": "drawing starts",
    "training_seconds": "training",
    "observing_seconds": "test evaluation",
}


class TimedStore(TrajectoryStore):
    """A store in a folder that also adds up the time of keeping and training shards.

    Attributes:
        seconds: seconds so far, by phase.
    """

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        super().__init__(folder, settings)
        self.seconds = dict.fromkeys((*_PHASES.values(), "storing"), 0.0)

    def add(self, shard: Shard) -> None:
        """Keep the shard, timed."""
        for key, phase in _PHASES.items():
            self.seconds[phase] += shard.trajectory.provenance[key]
        began = time.perf_counter()
        super().add(shard)
        self.seconds["storing"] += time.perf_counter() - began


def start_up_seconds() -> float:
    """Seconds of a new interpreter that imports the command's modules and exits."""
    needs = "bofcheck.cli.entry, bofcheck.simulate.sweep, bofcheck.simulate.estimate"
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {needs}"], check=True)
    return time.perf_counter() - began


def split_time(sweep: Sweep, folder: Path) -> dict[str, float]:
    """Run a sweep into a new folder and split its wall time.

    Args:
        sweep: the sweep to train.
        folder: the folder that keeps it.

    Returns:
        Seconds by phase; they add up to ``total``.
    """
    start_up = start_up_seconds()
    keep_freed_memory()  # as the command does
    began = time.perf_counter()
    estimate_seconds(sweep)
    probed = time.perf_counter() - began
    store = TimedStore(folder, {})
    run_sweep(sweep, store)
    total = time.perf_counter() - began
    seconds = {"probing the cost": probed, **store.seconds}
    rest = total - sum(seconds.values())
    return {"start-up": start_up, **seconds, "the rest": rest, "total": start_up + total}


def main(args: Sequence[str] | None = None) -> int:
    """Measure, print a table, write JSON."""
    parser = argparse.ArgumentParser(prog="heatmap", description=__doc__)
    parser.add_argument("--preset", default="paper", help="quick or paper; default: paper")
    parser.add_argument("--seeds", type=int, help="default: the preset's")
    parser.add_argument("--steps", type=int, help="default: the preset's")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there")
    chosen = parser.parse_args(args)
    sweep = get_grid("heatmap").sweep(chosen.preset)
    sweep = replace(sweep, seeds=chosen.seeds or sweep.seeds, steps=chosen.steps or sweep.steps)
    with tempfile.TemporaryDirectory() as folder:
        seconds = split_time(sweep, Path(folder) / "heatmap")
    rows = [
        [phase, duration(spent), f"{spent / seconds['total']:.0%}"]
        for phase, spent in seconds.items()
    ]
    print(f"{len(sweep.problems):,} cells, {sweep.runs:,} runs of {sweep.steps:,} steps\n")
    print("\n".join(table(["phase", "time", "share"], rows)))
    if chosen.json is not None:
        document = {
            "schema": 1,
            "preset": chosen.preset,
            "seeds": sweep.seeds,
            "steps": sweep.steps,
            "cells": len(sweep.problems),
            "machine": describe_machine(),
            "versions": describe_versions(),
            "seconds": seconds,
        }
        chosen.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
