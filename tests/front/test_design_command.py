"""`bofcheck design`: what it prints, as a table and as JSON, and what it refuses."""

import importlib
import json
from pathlib import Path

import numpy as np
import pytest

from bofcheck.compare.calibration.laws import LAWS

LAW = """
name = "mine"
title = "My theorem"
source = "notes"
provenance = "DERIVED"
symbols = { g = "gap", h = "height" }
constants = { C = "size" }
[[stages]]
name = "all"
[[stages.bounds]]
name = "X"
quantity = "train_loss"
excess = "C/(g**2*h*t)"
"""
TRAINING = """
[training]
seeds = 4
steps = 100
log = "geometric:32"
[[training.cells]]
name = "a"
role = "calibration"
problem = { n_samples = 4 }
[[training.cells]]
name = "b"
role = "held out"
problem = { n_samples = 8 }
"""
NUMBERS = {f"c{i}{j}": (g, h) for i, g in enumerate((1, 2, 4)) for j, h in enumerate((1, 1.2, 1.4))}


@pytest.fixture
def files(bofcheck, monkeypatch):
    """A theorem, its numbers and a pilot's curves; nothing can be trained."""
    training = importlib.import_module("bofcheck.simulate.train")
    monkeypatch.setattr(training, "RunLog", None)
    Path("mine.toml").write_text(LAW)
    own = LAW.replace("C/(g**2*h*t)", "C*N/t") + TRAINING
    Path("own.toml").write_text(own.replace('"mine"', '"own"'))
    tables = (f"[cells.{name}]\ng = {g}\nh = {h}\n" for name, (g, h) in NUMBERS.items())
    Path("numbers.toml").write_text("".join(tables))
    rng, steps = np.random.default_rng(0), np.unique(np.geomspace(1, 500, 24).round())
    rows = ["cell,run,step,train_loss"]
    for name, (g, h) in NUMBERS.items():
        for run in range(8):
            loss = LAWS["algebraic"].curve(steps, np.exp(0.4 * rng.normal()), g=g, h=h)
            rows += [f"{name},{run},{s:g},{x:.9g}" for s, x in zip(steps, loss, strict=True)]
    Path("pilot.csv").write_text("\n".join(rows))
    return bofcheck


def row(out, name):
    """The cells of a number's row."""
    return next(line.split() for line in out.splitlines() if line.split()[:1] == [name])


def test_a_file_of_numbers_is_told_what_it_would_find(files):
    code, out, err = files(
        "design", "mine.toml", "--problem", "numbers.toml", "--scatter", 0.5, "--seeds", 6
    )
    assert (code, err) == (0, "")
    assert "9 cells of 6 runs; roles: inner values of every number calibrate" in out
    assert "judge (5): " in out
    assert "X: train_loss <= C/(g**2*h*t)" in out
    assert "scatter assumed (--scatter): 0.5 between runs" in out
    assert row(out, "g")[1] == "4x"
    assert row(out, "h")[1] == "1.4x"
    assert float(row(out, "g")[2]) < float(row(out, "h")[2])
    assert row(out, "g")[-1] == ">99%"
    assert "h: for ±1/2 with 95% vary it" in out
    assert "9 cells" in out.splitlines()[1]
    assert (
        "HOLDS needs 59 held-out runs if none violates, 93 if one does; there are 30: take" in out
    )
    assert max(map(len, (line for line in out.splitlines() if "  " in line))) <= 80
    assert not Path("results").exists()


def test_the_json_says_the_same(files):
    args = ("design", "mine.toml", "--problem", "numbers.toml", "--scatter", 0.5, "--seeds", 6)
    code, text, _ = files(*args, "--json")
    assert code == 0
    found = json.loads(text, parse_constant=pytest.fail)
    (bound,) = found["bounds"]
    assert [each["name"] for each in bound["numbers"]] == ["t", "g", "h"]
    assert bound["scatter"]["measured"] is False
    g, h = bound["numbers"][1:]
    out = files(*args)[1]
    assert row(out, "g")[2:4] == [f"{g['found_with_80']:.2g}", f"{g['found_with_95']:.2g}"]
    assert h["runs_enough"] > 6
    assert f"take {h['runs_enough']:,} runs a cell" in out
    assert {cell["role"] for cell in found["cells"]} == {"calibration", "held out"}
    assert bound["runs"]["clean"] == 59
    short = [each["name"] for each in bound["numbers"] if each["chance_of_half"] < 0.95]
    assert [each["number"] for each in bound["further_cells"]] == short
    assert "h" in short


def test_a_pilot_gives_the_scatter(files):
    args = ("design", "mine.toml", "--data", "pilot.csv", "--problem", "numbers.toml")
    code, out, err = files(*args)
    assert (code, err) == (0, "")
    measured = next(line for line in out.splitlines() if line.startswith("scatter measured"))
    assert 0.3 < float(measured.split()[2]) < 0.5
    assert row(out, "t")[1].endswith("x")
    assert "constants are fitted up to 125 and judged 4x further, on 6 points" in out
    more = files(*args, "--seeds", 64)[1]
    assert float(row(more, "h")[2]) < float(row(out, "h")[2])


def test_a_theorem_with_cells_of_its_own(files):
    code, out, _ = files("design", "own.toml")
    assert code == 0
    assert "2 cells of 4 runs; roles: fixed with the cells" in out
    assert "judge (1): b" in out
    assert "N: it has only 2 values; 3 are needed" in out
    assert "but for N: " in out
    assert "time: logged from 1 to 100; constants are fitted up to 25" in out


def test_the_papers_theorems(files):
    code, out, err = files("design", "harmful", "--preset", "quick")
    assert (code, err) == (0, "")
    assert "judge (10, 0 inside the conditions): h-clean" in out
    assert "in a formula, but not varied, so that no power is found: w" in out
    assert "d, sigma_p vary together" in out
    assert "H2d, H5, H6: no constant is open" in out
    assert "as if each stage were the whole run" in out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("nosuch",), "no theorem 'nosuch'"),
        (("nosuch.toml",), "nosuch.toml: cannot be read"),
        (("benign", "--preset", "nosuch"), "preset 'nosuch': unknown"),
        (("own.toml", "--preset", "quick"), "own names its own cells; leave --preset out"),
        (("mine.toml",), "no number for g, h, which"),
        (("mine.toml", "--problem", "pilot.csv"), "not valid TOML"),
        (("mine.toml", "--data", "pilot.csv"), "no number for g, h"),
        (("mine.toml", "--data", "pilot.csv", "--scatter", 1), "--scatter and --data exclude"),
        (("mine.toml", "--data", "pilot.csv", "--preset", "quick"), "--preset and --data exclude"),
        (("benign", "--problem", "numbers.toml", "--preset", "quick"), "--preset and --problem"),
        (("benign", "--scatter", 0), "0"),
        (("benign", "--seeds", 0), "0"),
    ],
)
def test_bad_input_is_one_line(files, args, said):
    code, out, err = files("design", *args)
    assert (code, out) == (2, "")
    assert err.startswith("bofcheck: error: ")
    assert err.count("\n") == 1
    assert said in err
