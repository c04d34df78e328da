"""`bofcheck verify --until-decided`: an existing folder grows, and the report says how often."""

import importlib
import json
from pathlib import Path

import pytest

from bofcheck.simulate import open_store
from bofcheck.simulate.train import train

#: A bound that runs obey, on cells of which two runs a cell are too few to fit or to judge.
FILE = """
name = "mine"
title = "My theorem"
source = "notes"
provenance = "DERIVED"
constants = { C = "size" }
[[stages]]
name = "all"
[[stages.bounds]]
name = "X"
quantity = "value_norm"
excess = "C*(1 + t)"
[training]
seeds = 2
steps = 8
log = "every:1"
problem = { n_samples = 4, dim = 100, test_tokens = 8 }
[[training.cells]]
name = "a"
role = "calibration"
problem = { signal_norm = 1.0 }
[[training.cells]]
name = "b"
role = "held out"
problem = { signal_norm = 1.2 }
"""


@pytest.fixture
def trained(monkeypatch):
    """The runs of every training."""
    seen = []

    def counted(problem, **how):
        seen.append(list(how["seeds"]))
        return train(problem, **how)

    monkeypatch.setattr(importlib.import_module("bofcheck.compare.verify"), "train", counted)
    monkeypatch.setattr("bofcheck.compare.figures.study_figures.cell_drawings", dict)
    Path("mine.toml").write_text(FILE)
    return seen


VERIFY = ("verify", "--theorem", "mine.toml", "--fail-on", "never", "--out", "r")


def shown():
    report = json.loads(Path("r/report.json").read_text())
    return report["claims"][0], report["provenance"]["settings"]


def test_a_folder_grows_until_the_bound_is_decided(bofcheck, trained):
    assert bofcheck(*VERIFY)[0] == 0
    claim, _ = shown()
    assert (claim["verdict"], trained) == ("INCONCLUSIVE", [[0, 1], [0, 1]])
    assert "2 calibration runs reached the stage; 8 are needed" in claim["reason"]
    code, _, err = bofcheck(*VERIFY, "--until-decided", "--max-seeds", 200)
    assert code == 0
    claim, settings = shown()
    assert claim["verdict"] != "INCONCLUSIVE"
    assert settings["looks"] == [2, 4, 8, 16, 32, 64, 128]
    assert settings["looks_planned"] == 8
    assert settings["until_decided"].startswith("7 of 8 planned looks, each with a 0.625% chance")
    assert "up to 128 runs a cell; 7 of 8 planned looks" in err
    assert claim["statistic_name"].startswith("upper 99.375% bound of the fraction of runs")
    assert sum(map(len, trained)) == 2 * 128  # every run of the two cells once
    assert open_store("r").read("b").seeds.tolist() == list(range(128))
    # the same command again trains nothing and writes the same report
    before = Path("r/report.json").read_bytes()
    assert bofcheck(*VERIFY, "--until-decided", "--max-seeds", 200, "--quiet") == (0, "", "")
    assert Path("r/report.json").read_bytes() == before
    assert sum(map(len, trained)) == 2 * 128
    page = Path("r/report.html").read_text()
    assert "7 of 8 planned looks" in page


def test_what_has_grown_is_not_mixed_with_a_plain_verification(bofcheck, trained):
    bofcheck(*VERIFY, "--until-decided", "--max-seeds", 4)
    code, out, err = bofcheck(*VERIFY)
    assert (code, out) == (2, "")
    assert "seeds: stored [0, 1, 2, 3], asked [0, 1]" in err
    code, _, err = bofcheck(*VERIFY, "--seeds", 4)
    assert code == 2
    assert "seeds: stored 2, asked 4" in err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--max-seeds", 4), "--max-seeds limits --until-decided; give that too"),
        (("--until-decided", "--max-seeds", 1), "max_seeds = 1: below the 2 runs"),
        (("--until-decided", "--data", "curves.csv"), "--until-decided is about training"),
    ],
)
def test_options_that_do_not_fit_are_refused_in_one_line(bofcheck, trained, options, said):
    code, out, err = bofcheck(*VERIFY, *options)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert not Path("r").exists()


def test_the_papers_presets_grow_too(bofcheck, trained, tiny_preset):
    args = ("verify", "--regime", "benign", "--fail-on", "never", "--until-decided", "--quiet")
    assert bofcheck(*args, "--out", "p", "--seeds", 2, "--max-seeds", 4) == (0, "", "")
    settings = json.loads(Path("p/report.json").read_text())["provenance"]["settings"]
    assert settings["looks"] == [2, 4]
    assert open_store("p").read("b0").seeds.tolist() == list(range(4))
    assert trained == [[0, 1]] * 3 + [[2, 3]] * 3
