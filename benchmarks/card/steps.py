"""What a step costs on the card, over N and the number of runs, and what limits it."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from bofcheck.simulate import Problem, make_problem
from bofcheck.simulate.engines import LearningRates, get_engine
from bofcheck.simulate.engines.direct import DenseModel
from bofcheck.simulate.engines.span import cuda_batch
from bofcheck.simulate.engines.span.cuda_batch import CudaBatch
from bofcheck.simulate.engines.span.cuda_kernel import numbers_of_a_run
from bofcheck.simulate.initialization import draw_arrays, draw_reduced
from bofcheck.simulate.model_problem import ModelProblem
from bofcheck.simulate.reduced.engine import start_runs

from .limits import wait

#: Starts drawn for a batch; larger batches repeat them, which costs the card the same.
_DRAWN = 16


def _problem(n_samples: int, dtype: str = "float64") -> Problem:
    """SNR 1, no flips, widths of 512; small steps, so that nothing diverges."""
    return Problem(
        n_samples=n_samples, dim=512, key_dim=512, value_dim=512, noise_std=512**-0.5,
        learning_rate=0.1, init_std_qk=0.1 / 512**0.25, init_std_v=0.01, test_tokens=1,
        test_draw="resampled", dtype="float32" if dtype == "float32" else "float64",
    )  # fmt: skip


def span_batch(n_samples: int, runs: int, dtype: str, chip: int | None = None) -> CudaBatch:
    """A batch whose starts repeat, with as much on chip as fits or as is allowed."""
    problem = _problem(n_samples, dtype)
    starts = [draw_reduced(problem, run) for run in range(min(_DRAWN, runs))]
    which = np.arange(runs) % len(starts)

    def stacked(name: str) -> np.ndarray[Any, Any]:
        return np.stack([getattr(start, name) for start in starts])[which].astype(dtype)

    qk = np.concatenate([stacked("queries"), stacked("keys")], axis=2)
    values = stacked("values")
    state = {
        "qk": qk, "values": values, "output": stacked("output"),
        "a_qk": np.zeros_like(qk), "a_v": np.zeros_like(values),
    }  # fmt: skip
    labels = [starts[i].labels for i in which]
    row = np.stack([np.where(run.true > 0, 0, 1) for run in labels])
    label = np.stack([run.observed for run in labels]).astype(float)
    rates = np.full(3, problem.learning_rate)
    allowed = cuda_batch._chip_bytes
    if chip is not None:
        cuda_batch._chip_bytes = lambda: min(chip, allowed())
    try:
        return CudaBatch(stacked("gram"), row, label, state, rates, False, 0.0)
    finally:
        cuda_batch._chip_bytes = allowed


def seconds_of_steps(batch: CudaBatch, runs: int, least: float = 0.3) -> float:
    """Seconds per run and step, over calls that fill that many seconds."""
    batch.advance(0, 2)
    steps, spent = 8, 0.0
    while True:
        began = time.perf_counter()
        batch.advance(2, steps)
        spent = time.perf_counter() - began
        if spent >= least:
            return spent / (steps * runs)
        steps = max(2 * steps, int(steps * 1.2 * least / max(spent, 1e-6)))
        steps = min(steps, 100_000_000)


def span_steps(
    counts: tuple[int, ...] = (10, 20, 40, 60),
    sizes: tuple[int, ...] = (132, 1056, 8448),
    least: float = 0.3,
) -> list[dict[str, Any]]:
    """Seconds per run and step of the span kernel, with what the placement and limits are."""
    rows = []
    for n_samples in counts:
        n = n_samples + 2
        r = min(512, 2 * n)
        for dtype, itemsize in (("float64", 8), ("float32", 4)):
            state, sums = numbers_of_a_run(n_samples, r, 1)
            for runs in sizes:
                for chip in (None, state * itemsize) if runs == sizes[-1] else (None,):
                    batch = span_batch(n_samples, runs, dtype, chip)
                    seconds = seconds_of_steps(batch, runs, least)
                    placed = batch.placement
                    beyond = 0 if placed.sums_on_chip else 2 * sums
                    if not placed.on_chip:
                        beyond += 2 * state
                    rows.append({
                        "n_samples": n_samples, "runs": runs, "dtype": dtype,
                        "on_chip": placed.on_chip, "sums_on_chip": placed.sums_on_chip,
                        "asked": "all" if chip is None else "state", "threads": placed.threads,
                        "seconds": seconds, "flops": 4 * n * n * r,
                        "global_bytes": beyond * itemsize,
                        "finite": bool(np.all(batch.diverged() < 0)),
                    })  # fmt: skip
    return rows


def cpu_steps(n_samples: int = 20, runs: int = 64, steps: int = 200) -> float:
    """Seconds per run and step of the span engine on all of the CPU's cores."""
    problem = _problem(n_samples)
    rates = LearningRates.uniform(problem.learning_rate)
    batch = get_engine("span").start(problem, range(runs), None, rates, "cpu")
    batch.advance(steps)
    began = time.perf_counter()
    batch.advance(5 * steps)
    return (time.perf_counter() - began) / (5 * steps * runs)


def direct_steps(device: str, dim: int, steps: int = 100) -> float:
    """Seconds of one step of one run of the dense twin at d = d_h = d_v."""
    problem = _problem(20).replace(
        dim=dim, key_dim=dim, value_dim=dim, start="materialised", test_draw="joint"
    )
    model = DenseModel(draw_arrays(problem, 0), problem, device)
    rates = {"W_Q": 0.1, "W_K": 0.1, "W_V": 0.1}
    for _ in range(5):
        model.step(rates)
    wait(device)
    began = time.perf_counter()
    for _ in range(steps):
        model.step(rates)
    wait(device)
    return (time.perf_counter() - began) / steps


def family_problem(name: str = "relu_cnn") -> ModelProblem:
    """A model of the family at d = 10⁶, N = 20, and for the CNN ten filters a side."""
    problem = make_problem(
        model=name, n_samples=20, dim=10**6, noise_std=1e-3, signal_norm=0.1,
        learning_rate=0.1, flip_prob=0.1, test_tokens=16,
    )  # fmt: skip
    assert isinstance(problem, ModelProblem)
    return problem


def family_steps(
    device: str, runs: int, steps: int = 300, name: str = "relu_cnn"
) -> dict[str, Any]:
    """Seconds of drawing, a step and a log step of that many runs of a model together."""
    began = time.perf_counter()
    batch = start_runs(family_problem(name), range(runs), "span", device)
    drawn = time.perf_counter() - began
    batch.advance(20)
    wait(device)
    began = time.perf_counter()
    batch.advance(steps)
    wait(device)
    stepped = (time.perf_counter() - began) / steps
    batch.observe()
    began = time.perf_counter()
    batch.observe()
    looked = time.perf_counter() - began
    return {
        "model": name, "device": device, "runs": runs, "drawing": drawn, "step": stepped,
        "step_per_run": stepped / runs, "log_step": looked,
        "finite": bool(np.all(batch.diverged_at() < 0)),
    }  # fmt: skip
