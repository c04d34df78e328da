"""The tests that need a card, and how far its numbers are from the CPU's in float64."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from bofcheck.simulate import Problem, make_problem, train
from bofcheck.simulate.model_problem import AnyProblem

_ROOT = Path(__file__).parents[2]
#: Counted in samples or tokens, so that rounding decides.
_COUNTED = ("test_error", "fitted", "failure_prob_error")

_MATERIALISED = {"dim": 40, "start": "materialised", "flip_prob": 0.1}
#: Problem, engine and steps, by what the table calls it.
_TWINS: dict[str, tuple[AnyProblem, str]] = {
    "span": (Problem(flip_prob=0.1), "span"),
    "span, w_O trained": (Problem(flip_prob=0.1, train_output=True), "span"),
    "direct": (Problem(key_dim=20, value_dim=20, **_MATERIALISED), "direct"),
    "reduced, ReLU CNN": (make_problem(model="relu_cnn", dim=10**6, flip_prob=0.1), "span"),
    "reduced, single head": (make_problem(model="single_head", dim=10**6), "span"),
    "direct, ReLU CNN": (make_problem(model="relu_cnn", **_MATERIALISED), "direct"),
}


def run_tests() -> dict[str, Any]:
    """Run the tests of both engines on a real card.

    Returns:
        How many passed, failed and were skipped, the seconds, and the last lines of the output.
    """
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "default",
         "tests/simulate/test_cuda_device.py"],
        cwd=_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    counts = {
        word: int(found[1]) if (found := re.search(rf"(\d+) {word}", done.stdout)) else 0
        for word in ("passed", "failed", "skipped", "error")
    }
    lines = (done.stdout + done.stderr).splitlines()[-40:]
    return {**counts, "seconds": time.perf_counter() - began, "output": lines}


def measure_deviations(device: str, steps: int = 1000, seeds: int = 3) -> dict[str, Any]:
    """The largest deviation from the CPU over every quantity, run and log step, by engine.

    A difference is taken relative to the CPU's value plus 1/100, which matters only where that
    value is next to nothing.

    Example:
        >>> set(measure_deviations("cpu", steps=2, seeds=1).values())
        {0.0}
    """
    found: dict[str, Any] = {}
    for name, (problem, engine) in _TWINS.items():
        try:
            here, there = (
                train(problem, seeds=seeds, steps=steps, engine=engine, device=where)
                for where in ("cpu", device)
            )
        except Exception as error:  # one engine that fails must not hide the others
            found[name] = f"{type(error).__name__}: {error}"
            continue
        worst = 0.0
        for quantity, expected in here.quantities.items():
            if quantity.startswith(_COUNTED):
                continue
            gap = np.abs(there[quantity] - expected) / (np.abs(expected) + 0.01)
            worst = max(worst, float(np.nanmax(gap, initial=0.0)))
        found[name] = worst
    return found
