"""Curves of exponential decay as rows, and the files that hold them."""

import csv
import json
from pathlib import Path

import numpy as np

from bofcheck.cli.entry import run as run_command
from bofcheck.compare import verify
from bofcheck.compare.userdata import CellNumbers, curves_plan, read_curves
from bofcheck.theory.theorem_file.load import theorem_from_toml

TEXT = """
name = "plain"
title = "plain"
source = "my notes"
provenance = "DERIVED"
model = "a model of mine"
[symbols]
h = "rate"
[constants]
C = "start"
[[stages]]
name = "all"
[[stages.bounds]]
name = "X1"
quantity = "train_loss"
excess = "C*exp(-h*t)"
"""
THEOREM = theorem_from_toml(TEXT).theorem
NUMBERS = CellNumbers({"h": 0.01})
HEADER = ("cell", "run", "step", "train_loss")


def decaying(cells=("a", "b"), runs=70, steps=range(0, 500, 50), rate=0.01, digits=17, scale=1.0):
    """(cell, run, step, loss) of runs that differ in where they start."""
    rng = np.random.default_rng(5)
    return [
        (cell, run, step, float(f"{scale * start * np.exp(-rate * step):.{digits}g}"))
        for cell in cells
        for run, start in enumerate(rng.uniform(0.9, 1.1, runs))
        for step in steps
    ]


def write_rows(path, rows, header=HEADER):
    """The rows as a CSV file."""
    with Path(path).open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(header)
        table.writerows(rows)
    return Path(path)


def verdict_on(path, theorem=THEOREM, numbers=NUMBERS):
    """The verdict on X1, and the settings of the plan."""
    plan = curves_plan(theorem, read_curves(path, ["train_loss"]), numbers)
    (verdict,) = verify(plan).verdicts
    return verdict, plan.settings


def command_on(path, capsys, *options):
    """Exit code, standard error and report of ``bofcheck verify`` on a file of curves."""
    Path("th.toml").write_text(TEXT)
    Path("num.toml").write_text("h = 0.01\n")
    given = ["--theorem", "th.toml", "--data", str(path), "--problem", "num.toml", "--out", "out"]
    capsys.readouterr()
    code = run_command(["verify", *given, "--fail-on", "never", *options])
    report = Path("out/report.json")
    return code, capsys.readouterr().err, json.loads(report.read_text()) if code == 0 else None
