"""Excess risks of ridge regression over n and lambda; writes risks.csv.

Isotropic Gaussian inputs, a signal of length 1, noise of standard deviation 1, and the penalty
n lambda |b|^2. There are no steps: every row is one run.
"""

import csv
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
DIM, RUNS = 10, 16


def main(folder: Path = HERE) -> None:
    """Fit 16 runs of every n and lambda."""
    with (folder / "risks.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["seed", "n", "lam", "excess_risk"])
        for n in (100, 200, 400, 800, 1600):
            for lam in (0.05, 0.1, 0.2, 0.4):
                for seed in range(RUNS):
                    rng = np.random.default_rng([n, int(1000 * lam), seed])
                    writer.writerow([seed, n, lam, f"{excess_risk(rng, n, lam):.5g}"])


def excess_risk(rng: np.random.Generator, n: int, lam: float) -> float:
    """|b - b*|^2 of one fit."""
    signal = np.zeros(DIM)
    signal[0] = 1.0
    inputs = rng.standard_normal((n, DIM))
    targets = inputs @ signal + rng.standard_normal(n)
    gram = inputs.T @ inputs + n * lam * np.eye(DIM)
    return float(np.sum((np.linalg.solve(gram, inputs.T @ targets) - signal) ** 2))


if __name__ == "__main__":
    main()
