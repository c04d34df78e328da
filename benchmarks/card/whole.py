"""The paper's heat map on a card, as `bofcheck sweep --device cuda` runs it."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from bofcheck.simulate.grids import get_grid
from bofcheck.simulate.numerics.ram import keep_freed_memory
from bofcheck.simulate.sweep import run_sweep
from heatmap import TimedStore


def heat_map(device: str, every: int = 1, preset: str = "paper") -> dict[str, Any]:
    """Seconds of the map by phase; ``every=20`` takes every 20th cell alone."""
    sweep = get_grid("heatmap").sweep(preset)
    names = list(sweep.problems)[::every]
    sweep = replace(sweep, problems={name: sweep.problems[name] for name in names})
    keep_freed_memory()
    with tempfile.TemporaryDirectory() as folder:
        store = TimedStore(Path(folder) / "heatmap", {})
        began = time.perf_counter()
        run_sweep(sweep, store, device=device)
        total = time.perf_counter() - began
    return {
        "device": device, "cells": len(names), "runs": sweep.runs, "steps": sweep.steps,
        "seconds": {**store.seconds, "total": total},
    }  # fmt: skip
