"""Time a step of the ReLU CNN: a batch in the span of its tokens, and the loop a user writes.

``python benchmarks/reduced.py`` times, in turns within one run, 64 runs together at every d and one
run on real arrays at the smaller d. Microseconds are per run and step, medians over rounds; ratios
are medians of the rounds' own ratios, so a busy machine changes both alike.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from bofcheck.simulate import ModelProblem, make_problem, train
from bofcheck.simulate.reduced.draws import draw_model_arrays, draw_samples
from bofcheck.simulate.reduced.engine import start_runs

#: Runs of a batch, and microseconds per run and step that it should not exceed.
RUNS, GOAL = 64, 10.0


def problem_at(dim: int) -> ModelProblem:
    """N = 20 and m = 10 filters a side; noise tokens have length near 1."""
    problem = make_problem(
        model="relu_cnn", n_samples=20, dim=dim, noise_std=dim**-0.5, signal_norm=0.1,
        learning_rate=10.0, noise="orthogonal", test_tokens=16,
    )  # fmt: skip
    assert isinstance(problem, ModelProblem)
    return problem


def batch_of(dim: int, device: str) -> Callable[[int], int]:
    """Steps of a batch; calling it returns how many run-steps it took."""
    batch = start_runs(problem_at(dim), range(RUNS), "span", device)

    def advance(steps: int) -> int:
        batch.advance(steps)
        if device != "cpu":
            torch.cuda.synchronize()
        return steps * RUNS

    return advance


def loop_of(dim: int, device: str) -> Callable[[int], int]:
    """Steps of one run as a user writes them: autograd and SGD on the filters."""
    problem = problem_at(dim).replace(start="materialised")
    arrays, samples = draw_model_arrays(problem, 0), draw_samples(problem, 0)
    labels = torch.tensor(samples.observed, dtype=torch.float64, device=device)
    rows = torch.tensor(arrays.rows, device=device)
    tokens = torch.stack([labels[:, None] * rows[:1], rows[1:]])  # (2, N, d)
    filters = torch.tensor(arrays.weights, device=device, requires_grad=True)
    rule = torch.optim.SGD([filters], lr=problem.learning_rate)
    count = filters.shape[1] // 2

    def advance(steps: int) -> int:
        for _ in range(steps):
            rule.zero_grad()
            active = torch.relu(tokens @ filters)
            outputs = (active[..., :count].mean(-1) - active[..., count:].mean(-1)).sum(0)
            loss = torch.nn.functional.softplus(-labels * outputs).mean()
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            rule.step()
        if device != "cpu":
            torch.cuda.synchronize()
        return steps

    return advance


def microseconds(advance: Callable[[int], int], seconds: float) -> float:
    """Microseconds per run and step, over calls that fill that many seconds."""
    taken, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < seconds:
        taken += advance(20)
    return 1e6 * spent / taken


def main(args: Sequence[str] | None = None) -> int:
    """Measure and print a table; optionally write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dims", default="1e3,1e4,1e6,1e9,1e12", help="values of d, with commas")
    parser.add_argument("--loop-dims", default="1e3,1e4,1e5", help="values of d of the user's loop")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, help="torch's threads; default: torch's own")
    parser.add_argument("--json", type=Path, metavar="FILE")
    chosen = parser.parse_args(args)
    if chosen.threads is not None:
        torch.set_num_threads(chosen.threads)
    dims, loop_dims = (
        [int(float(part)) for part in text.split(",")] for text in (chosen.dims, chosen.loop_dims)
    )
    work = {f"batch d={dim:.0e}": batch_of(dim, chosen.device) for dim in dims}
    work |= {f"loop d={dim:.0e}": loop_of(dim, chosen.device) for dim in loop_dims}
    for advance in work.values():
        advance(20)
    rounds = [
        {name: microseconds(advance, 0.3) for name, advance in work.items()}
        for _ in range(chosen.rounds)
    ]
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {chosen.device}")
    middle = {name: statistics.median(one[name] for one in rounds) for name in work}
    least = {name: min(one[name] for one in rounds) for name in work}
    for name in work:
        print(f"{name:16} {middle[name]:10.2f} µs a run and step, at best {least[name]:.2f}")
    ratios = {}
    for dim in loop_dims:
        if dim in dims:
            ratio = statistics.median(
                one[f"loop d={dim:.0e}"] / one[f"batch d={dim:.0e}"] for one in rounds
            )
            ratios[f"{dim:.0e}"] = ratio
            print(f"loop / batch at d = {dim:.0e}: {ratio:.1f}")
    batches = [middle[f"batch d={dim:.0e}"] for dim in dims]
    print(f"goal {GOAL:g} µs: {'met' if max(batches) <= GOAL else 'missed'}; largest over smallest "
          f"batch {max(batches) / min(batches):.2f}")  # fmt: skip
    began = time.perf_counter()
    train(problem_at(10**12), seeds=RUNS, steps=2000, device=chosen.device)
    print(f"train, {RUNS} runs of 2,000 steps, 64 logged: {time.perf_counter() - began:.2f} s")
    if chosen.json is not None:
        document = {"microseconds": middle, "best": least, "loop_over_batch": ratios}
        chosen.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
