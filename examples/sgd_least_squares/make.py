"""Curves of averaged SGD on least squares; writes curves.csv, a column a seed.

One fresh sample a step, constant learning rate, and the average of all iterates.
"""

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
STEPS, RUNS = 20_000, 16
LOGGED = np.unique(np.geomspace(2000, STEPS, 12).astype(int))


def main(folder: Path = HERE) -> None:
    """Train 16 runs of every dimension and noise."""
    columns = {"step": LOGGED}
    for d in (5, 10, 20):
        for sigma in (0.5, 1.0, 2.0):
            risks = run(np.random.default_rng([d, int(10 * sigma)]), d, sigma)
            for seed in range(RUNS):
                columns[f"d{d}_sigma{sigma:g}_seed{seed}"] = risks[:, seed]
    pd.DataFrame(columns).to_csv(folder / "curves.csv", index=False, float_format="%.4g")


def run(rng: np.random.Generator, d: int, sigma: float) -> np.ndarray:
    """(T, R) excess risks of the averages at the logged steps."""
    error, total, logged = np.zeros((RUNS, d)), np.zeros((RUNS, d)), []
    error[:, 0] = -1.0
    for step in range(1, STEPS + 1):
        inputs = rng.standard_normal((RUNS, d))
        noise = sigma * rng.standard_normal(RUNS)
        residual = (inputs * error).sum(axis=1) - noise
        error -= 0.01 * residual[:, None] * inputs
        total += error
        if step in LOGGED:
            logged.append(((total / step) ** 2).sum(axis=1))
    return np.array(logged)


if __name__ == "__main__":
    main()
