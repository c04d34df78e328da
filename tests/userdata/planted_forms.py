"""Curves drawn from known laws, and theorems that state them, rightly or not."""

import csv

import numpy as np

from bofcheck.compare import Study, fit_constants, verify
from bofcheck.compare.userdata import CellNumbers, curves_plan
from bofcheck.compare.userdata.curves import Measured
from bofcheck.theory.theorem_file.load import theorem_from_toml

STEPS = np.unique(np.geomspace(1, 10_000, 40).round())
NS, MS = (50, 100, 200, 400), (1, 2, 4)
SEEDS = 24


def text(excess, constants, keys="", kind="upper", quantity="loss"):
    """A theorem's file with one bound, X1, whose constants are open."""
    opened = "\n".join(f'{name} = "open"' for name in constants.split())
    return f"""
name = "planted"
title = "A planted law"
source = "a test"
provenance = "DERIVED"
model = "a law"
[symbols]
n = "samples"
m = "difficulty"
[constants]
{opened}
[[stages]]
name = "all"
[[stages.bounds]]
name = "X1"
quantity = "{quantity}"
kind = "{kind}"
excess = "{excess}"
{keys}
"""


def theorem(*args, **rest):
    """The theorem of such a file."""
    return theorem_from_toml(text(*args, **rest)).theorem


def curves(law, scatter=0.3, steps=STEPS, seed=0, runs=SEEDS, within=0.02):
    """Runs of every cell at the law times log-normal scatter, and the cells' numbers."""
    rng = np.random.default_rng(seed)
    steps = np.asarray(steps, dtype=float)
    made, numbers = {}, {}
    for n in NS:
        for m in MS:
            noise = scatter * rng.standard_normal((runs, 1))
            noise = noise + within * rng.standard_normal((runs, steps.size))
            loss = np.broadcast_to(law(steps, n, m), noise.shape) * np.exp(noise)
            name = f"n{n}-m{m}"
            made[name] = Measured(steps, np.arange(runs), {"loss": loss}, np.zeros(runs, bool))
            numbers[name] = {"n": float(n), "m": float(m)}
    return made, CellNumbers({}, numbers)


def judged(made, stated):
    """The verdict on X1 and the fitted constants."""
    verification = verify(curves_plan(stated, *made))
    return verification.verdicts[0], verification.studies[0].constants


def fitted(made, stated):
    """The fitted constants alone."""
    (part,) = curves_plan(stated, *made).parts
    return fit_constants(Study(stated, part.results)).constants


def write(made, table, numbers, *, stepless=False):
    """The curves as a CSV file and their numbers as a TOML file."""
    cells, values = made
    with table.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["cell", "run", *([] if stepless else ["step"]), "loss"])
        for name, cell in cells.items():
            for run, losses in enumerate(cell["loss"]):
                for step, loss in zip(cell.steps, losses, strict=True):
                    at = [] if stepless else [step]
                    rows.writerow([name, run, *at, repr(float(loss))])
    lines = [
        f'[cells."{name}"]\n' + "".join(f"{symbol} = {value}\n" for symbol, value in each.items())
        for name, each in values.cells.items()
    ]
    numbers.write_text("\n".join(lines))
