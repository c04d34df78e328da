"""Curves: gradient descent on separable data, recorded. Run this file; it writes curves.csv.

Then: bofcheck new theorem mine.toml
      bofcheck verify --theorem mine.toml --data curves.csv
"""

from pathlib import Path

import numpy as np

import bofcheck

STEPS = 3000
#: Logged steps: more at the start, as powers of time show on a logarithmic axis.
LOGGED = {0, *np.geomspace(1, STEPS, 40).astype(int).tolist()}


def main(path: str = "curves.csv") -> None:
    """Train every cell, a choice of the numbers, with several seeds."""
    if Path(path).exists():
        raise SystemExit(f"{path}: is there already; move it, or give another name")
    with bofcheck.Recorder(path) as recorder:
        for gamma in (0.5, 1.0, 2.0):
            for eta in (0.1, 0.2, 0.4):
                for seed in range(12):
                    train(recorder, gamma, eta, seed)


def train(recorder: bofcheck.Recorder, gamma: float, eta: float, seed: int) -> None:
    """One run. Replace this by a loop of yours, in any framework: one call of log a logged step."""
    rng = np.random.default_rng(seed)
    labels = rng.choice([-1.0, 1.0], size=20)
    noise = rng.normal(0, 0.2, size=20)
    inputs = np.stack([gamma * labels, noise], axis=1)
    weights = np.zeros(2)
    for step in range(STEPS + 1):
        margins = labels * (inputs @ weights)
        if step in LOGGED:
            loss = float(np.log1p(np.exp(-margins)).mean())
            # run and step, then quantities and the numbers of the cell, under any names
            recorder.log(run=seed, step=step, train_loss=loss, gamma=gamma, eta=eta)
        slopes = -labels / (1 + np.exp(margins))
        weights -= eta * (slopes @ inputs) / len(labels)


if __name__ == "__main__":
    main()
