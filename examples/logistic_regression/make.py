"""Curves of gradient descent on separable data, with logistic loss; writes curves.csv.

Each input is its label times gamma along one direction, plus noise off that direction, so that
the margin is at least gamma.
"""

from pathlib import Path

import numpy as np

import bofcheck

HERE = Path(__file__).parent
SAMPLES, DIM, STEPS = 20, 3, 2000
LOGGED = np.unique(np.geomspace(1, STEPS, 24).astype(int)).tolist()


def main(folder: Path = HERE) -> None:
    """Train 12 runs of every cell."""
    with bofcheck.Recorder(folder / "curves.csv") as recorder:
        for gamma in (0.5, 1.0, 2.0):
            for eta in (0.05, 0.1, 0.2):
                for seed in range(12):
                    rng = np.random.default_rng([int(100 * gamma), int(100 * eta), seed])
                    for step, loss in run(rng, gamma, eta):
                        recorder.log(seed, step, train_loss=loss, gamma=gamma, eta=eta)


def run(rng: np.random.Generator, gamma: float, eta: float) -> list[tuple[int, float]]:
    """(step, train_loss) at the logged steps of one run."""
    labels = rng.choice([-1.0, 1.0], size=SAMPLES)
    inputs = rng.normal(0, 0.3, size=(SAMPLES, DIM))
    inputs[:, 0] = gamma * labels
    weights, rows = np.zeros(DIM), []
    for step in range(STEPS + 1):
        margins = labels * (inputs @ weights)
        if step in LOGGED:
            rows.append((step, float(f"{np.log1p(np.exp(-margins)).mean():.6g}")))
        weights += eta * ((labels / (1 + np.exp(margins))) @ inputs) / SAMPLES
    return rows


if __name__ == "__main__":
    (HERE / "curves.csv").unlink(missing_ok=True)
    main()
