"""Train the model of model.py at d = 10^9, after a check of it; writes curves.csv."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from bofcheck.simulate import ModelProblem, train
from bofcheck.simulate.data import get_law
from bofcheck.simulate.reduced.check import check_model

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from model import MODEL  # noqa: E402

SEEDS, STEPS = 12, 500


def main(folder: Path = HERE) -> None:
    """Train 12 runs of every signal and learning rate."""
    frames = []
    check_model(MODEL(), get_law("cluster")())
    for mu in (1.0, 2.0, 4.0):
        for eta in (0.5, 1.0, 2.0):
            law = get_law("cluster")(signal_norm=mu, noise_std=3e-6)
            problem = ModelProblem(
                network=MODEL(), law=law, n_samples=10, dim=10**9, learning_rate=eta
            )
            runs = train(problem, seeds=SEEDS, steps=STEPS, log_at="geometric:24")
            losses = runs.quantities["train_loss"]
            for seed, curve in zip(runs.seeds, losses, strict=True):
                columns = {"seed": seed, "step": runs.steps, "train_loss": curve}
                frames.append(pd.DataFrame({**columns, "mu": mu, "eta": eta}))
    curves = pd.concat(frames)
    curves = curves[np.asarray(curves["step"]) > 0]
    curves.to_csv(folder / "curves.csv", index=False, float_format="%.6g")


if __name__ == "__main__":
    main()
