"""A theorem's file that is right, and curves that obey it or do not."""

import csv

import numpy as np

GOOD = """
name = "decay"
title = "Exponential decay"
source = "my notes, Theorem 1"
provenance = "DERIVED"
probability = "1/n"

[symbols]
n = "samples of mine"

[constants]
C = "starting error"
k = "rate"
C0 = 2

[[conditions]]
name = "enough samples"
holds = "n*eta >= C0"

[[events]]
name = "T1"
when = "train_loss <= 1/2"

[[stages]]
name = "plateau"
until = "T1"

[[stages]]
name = "decay"

[[stages.bounds]]
name = "D1"
quantity = "test_error"
floor = "p"
excess = "C*exp(-k*eta*(t - T1))"

[[times]]
event = "T1"
law = "c/eta"

[problem]
n = 400
eta = 0.1
p = 0.1
"""
GOOD = GOOD.replace('k = "rate"\n', 'k = "rate"\nc = "steps"\n')


def write_curves(
    path, runs=160, *, rate=0.3, start=0.4, eta=0.1, cells=("only",), late=None, seed=0
):
    """Curves with test_error = 0.1 + start·exp(-rate·eta·(t - T1)), T1 near 20, scattered."""
    rng = np.random.default_rng(seed)
    with open(path, "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["cell", "run", "step", "test_error", "train_loss", "remark"])
        for cell in cells:
            for run in range(runs):
                first = 20 + rng.integers(0, 5)
                factor = rng.lognormal(0, 0.1)
                slow = 0.0 if late is None or run % 2 == 0 else late
                for step in range(0, 200, 5):
                    past = max(step - first, 0)
                    error = 0.1 + start * factor * np.exp(-rate * eta * past) + slow * (past > 50)
                    loss = 0.5 * max(1 + (first - step) / 40, 0)
                    rows.writerow([cell, run, step, repr(float(error)), repr(float(loss)), ""])
    return path
