"""Every figure about one GPU, in minutes: ``python benchmarks/gpu.py --json FILE``.

Needs a card, torch built for it, and Numba with numba-cuda; no network. Runs the tests that need a
card, compares every engine on it with the CPU in float64, and measures the card's limits, steps, a
model of the family at 10,000 runs and every 20th cell of the paper's heat map. A part that fails is
told and the others go on; the last line is the verdict. ``--only`` picks parts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numba
import numpy as np
import torch

from bofcheck import __version__
from card import agreement, limits, steps, whole

#: Runs of the family's batch, and what float64 on the card may deviate from the CPU by: a run of
#: 1,000 steps, whose deviations grow from one step to the next.
FAMILY_RUNS, SAME = 10_000, {"span": 1e-10, "other": 1e-9}


def parts(device: str) -> dict[str, Callable[[], Any]]:
    """What is measured, by its name in the file, in this order."""
    return {
        "limits": lambda: limits.measure_limits(device),
        "tests": agreement.run_tests,
        "deviations": lambda: agreement.measure_deviations(device),
        "span": steps.span_steps,
        "span_cpu": steps.cpu_steps,
        "direct": lambda: {
            f"{where} d={dim}": steps.direct_steps(where, dim, count)
            for where, count in (("cpu", 20), (device, 200))
            for dim in (512, 2048)
        },
        "family": lambda: [
            *(steps.family_steps(device, runs) for runs in (64, 1024, FAMILY_RUNS)),
            steps.family_steps("cpu", 64),
        ],
        "heat_map": lambda: [whole.heat_map(where, every=20) for where in (device, "cpu")],
    }


def verdict(document: dict[str, Any]) -> tuple[bool, str]:
    """Whether the card does what it should, and a line that says so or why not."""
    faults = [f"{name}: {why}" for name, why in document["failed"].items()]
    tests = document.get("tests", {})
    if tests and (tests["failed"] or tests["error"] or not tests["passed"]):
        faults.append(f"tests: {tests['passed']} passed, {tests['failed']} failed")
    for name, found in document.get("deviations", {}).items():
        if isinstance(found, str):
            faults.append(f"{name}: {found}")
        elif not found <= SAME["span" if name.startswith("span") else "other"]:
            faults.append(f"{name} deviates from the CPU by {found:.1e}")
    faults += [
        f"span diverges at N = {row['n_samples']}, {row['dtype']}"
        for row in document.get("span", [])
        if not row["finite"]
    ]
    if faults:
        return False, "GPU: FAILED. " + "; ".join(faults)
    worst = max((v for v in document.get("deviations", {}).values()), default=float("nan"))
    return True, (
        f"GPU: passed on {document['card']['name']}; {tests.get('passed', 0)} tests, deviation "
        f"from the CPU at most {worst:.0e}"
    )


def main(args: Sequence[str] | None = None) -> int:
    """Measure, write the file after each part, and print a verdict."""
    parser = argparse.ArgumentParser(prog="gpu", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there")
    parser.add_argument("--only", metavar="PARTS", help="names with commas; default: all")
    parser.add_argument("--device", default="cuda", help="default: cuda")
    chosen = parser.parse_args(args)
    everything = parts(chosen.device)
    names = chosen.only.split(",") if chosen.only else list(everything)
    unknown = sorted(set(names) - set(everything))
    if unknown:
        parser.error(f"--only {unknown[0]}: unknown; choose from {', '.join(everything)}")
    if chosen.device == "cuda" and not torch.cuda.is_available():
        parser.error("torch finds no CUDA device; nothing is measured")
    document: dict[str, Any] = {
        "schema": 1,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "card": limits.describe_card(chosen.device),
        "cores": len(os.sched_getaffinity(0)),
        "versions": {
            "python": platform.python_version(),
            "bofcheck": __version__,
            "numpy": np.__version__,
            "numba": numba.__version__,
            "torch": torch.__version__,
        },
        "failed": {},
    }
    for name in names:
        began = time.perf_counter()
        try:
            document[name] = everything[name]()
        except Exception as error:  # the other parts are still worth measuring
            traceback.print_exc()
            document["failed"][name] = f"{type(error).__name__}: {error}"
        print(f"{name}: {time.perf_counter() - began:.1f} s", flush=True)
        print(json.dumps(document.get(name))[:3000], flush=True)
        if chosen.json is not None:
            chosen.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    passed, line = verdict(document)
    print(line)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
