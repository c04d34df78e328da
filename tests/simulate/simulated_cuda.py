"""Trains small problems on the CPU and on a simulated CUDA device; run as a script.

``NUMBA_ENABLE_CUDASIM=1 python simulated_cuda.py CASES.json RESULTS.npz``. Numba's CUDA simulator
runs the kernel as Python, one thread of the interpreter for each thread of a block, and must be
asked for before numba is imported: hence a process of its own.
"""

import json
import sys

import numpy as np

from bofcheck.simulate import LearningRates, Problem, train
from bofcheck.simulate.engines.span import cuda_batch


def main(cases_path, results_path):
    # the simulator's threads wait for each other many times a step
    sys.setswitchinterval(1e-5)
    with open(cases_path) as file:
        cases = json.load(file)
    results = {}
    for name, case in cases.items():
        cuda_batch.COMMON_CHIP = case["chip"]
        cuda_batch.MOST_THREADS = case["threads"]
        for device in ("cpu", "cuda"):
            trajectory = train(
                Problem(**case["problem"]), rates=LearningRates(*case["rates"]),
                seeds=case["seeds"], steps=case["steps"], log_at=case["log_at"],
                device=device, **case["options"],
            )  # fmt: skip
            key = f"{name}/{device}"
            results[f"{key}/diverged_at"] = trajectory.diverged_at
            results[f"{key}/stopped_at"] = trajectory.stopped_at
            for quantity, values in trajectory.quantities.items():
                results[f"{key}/{quantity}"] = values
    np.savez(results_path, **results)


if __name__ == "__main__":
    main(*sys.argv[1:])
