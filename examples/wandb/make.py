"""Gradient descent on strongly convex quadratics, as W&B exports a chart; writes wandb.csv.

A column ``run - metric`` for every run, beside it ``__MIN`` and ``__MAX``, as the web page writes.
"""

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
LOGGED = np.arange(0, 201, 10)


def main(folder: Path = HERE) -> None:
    """Train 12 runs of every learning rate and curvature."""
    columns = {"Step": LOGGED}
    for eta in (0.02, 0.04, 0.08):
        for m in (1.0, 2.0, 4.0):
            for seed in range(12):
                rng = np.random.default_rng([int(100 * eta), int(m), seed])
                losses = run(rng, eta, m)
                for ending in ("", "__MIN", "__MAX"):
                    name = f"lr{eta:g}_m{m:g}_seed{seed} - train/loss{ending}"
                    columns[name] = losses if not ending else np.full(LOGGED.size, np.nan)
    pd.DataFrame(columns).to_csv(folder / "wandb.csv", index=False, float_format="%.4g")


def run(rng: np.random.Generator, eta: float, m: float) -> np.ndarray:
    """(T,) losses at the logged steps, of a quadratic with 32 curvatures from m to 2m."""
    curvature = np.linspace(m, 2 * m, 32)
    start = rng.standard_normal(32) / 4
    powers = (1 - eta * curvature) ** LOGGED[:, None]
    return 0.5 * (curvature * (powers * start) ** 2).sum(axis=1)


if __name__ == "__main__":
    main()
