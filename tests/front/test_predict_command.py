"""`bofcheck predict`: what it prints and writes, and what it says of bad input."""

import csv
import json

import numpy as np
import pytest

from bofcheck.cli.entry import run
from bofcheck.simulate import Problem, find_crossover, predict


@pytest.fixture
def problem(tmp_path):
    path = tmp_path / "problem.toml"
    path.write_text("n_samples = 8\ndim = 1e6\nnoise_std = 1e-3\nflip_prob = 0.1\n")
    return path


def test_json_is_the_prediction(problem, capsys):
    arguments = ["--steps", "300", "--log", "every:100", "--labels", "4,1,0", "--json"]
    assert run(["predict", str(problem), *arguments]) == 0
    document = json.loads(capsys.readouterr().out)
    wanted = predict(Problem.from_file(problem), steps=300, log="every:100", labels=(4, 1, 0))
    assert document["draws"] == 1
    assert document["steps"] == [0, 100, 200, 300]
    assert document["means"]["train_loss"] == wanted["train_loss"][0].tolist()
    assert set(document["events"]["benign"]) == {"T1", "T2", "T3", "T_gap"}
    assert document["events"]["benign"]["T2"]["share"] == 1.0


def test_csv_reads_back_exactly(problem, tmp_path, capsys):
    out = tmp_path / "out.csv"
    arguments = ["--steps", "50", "--log", "every:50", "--draws", "5", "--out", str(out), "-q"]
    assert run(["predict", str(problem), *arguments]) == 0
    assert capsys.readouterr().out == ""
    rows = list(csv.DictReader(out.read_text().splitlines()))
    wanted = predict(Problem.from_file(problem), steps=50, log="every:50", draws=5)
    assert len(rows) == 10
    read = np.array([float(row["test_loss"]) for row in rows]).reshape(5, 2)
    assert (read == wanted["test_loss"]).all()
    assert [float(row["weight"]) for row in rows] == [0.2] * 10


def test_the_table(problem, capsys):
    assert run(["predict", str(problem), "--steps", "100"]) == 0
    shown = capsys.readouterr().out
    assert "mean over 165 draws of the labels" in shown
    assert "benign: T1" in shown
    assert "of all draws" in shown


def test_a_boundary(capsys):
    assert run(["predict", "--boundary", "p=0.1", "target_loss=0.1", "N=4000", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["constant"] == pytest.approx(1.257, rel=2e-3, abs=0.0)
    assert document["fitted_power"] is None
    assert run(["predict", "--boundary", "N=100"]) == 0
    assert "C0 = 1.5" in capsys.readouterr().out


def test_a_crossover(problem, capsys):
    assert run(["predict", "--crossover", str(problem), "--labels", "4,1,0", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    found = find_crossover(Problem.from_file(problem), labels=(4, 1, 0))
    assert document["labels"] == [4, 1, 0]
    assert document["test_error"] == found.test_error
    assert document["d_at_p_plus_0.01"] == found.reaches
    assert run(["predict", "--crossover", str(problem)]) == 0
    shown = capsys.readouterr().out
    assert "test_error" in shown
    assert "of the way from H(p) to log 2" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give one PROBLEM.toml"),
        (["PROBLEM", "PROBLEM"], "give one PROBLEM.toml, not 2"),
        (["missing.toml"], "missing.toml: cannot be read"),
        (["PROBLEM", "--labels", "1,2"], "three whole numbers such as 9,1,0"),
        (["PROBLEM", "--labels", "9,0,0"], "of n_samples = 8 samples"),
        (["PROBLEM", "--labels", "4,0,0", "--draws", "3"], "exclude each other"),
        (["PROBLEM", "--log", "often"], "use geometric:K or every:K"),
        (["PROBLEM", "--out", "nowhere/out.csv"], "a folder that exists"),
        (["--boundary", "q=1"], "give NAME=VALUE of p, target_loss, N, start"),
        (["--boundary", "p=x"], "the value is not a number"),
        (["--boundary", "p=0.7"], "p = 0.7: must be in"),
        (["--boundary", "--draws", "3"], "no option but --json"),
        (["--boundary", "--crossover"], "no option but --json"),
        (["--crossover", "PROBLEM", "--flow"], "no option but --labels"),
        (["--crossover"], "give one PROBLEM.toml, not 0"),
        (["--crossover", "PROBLEM", "--labels", "1,2"], "three whole numbers"),
    ],
)
def test_bad_input_is_one_line(arguments, message, problem, capsys):
    given = [str(problem) if word == "PROBLEM" else word for word in arguments]
    assert run(["predict", *given]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert message in lines[0]


def test_problems_the_limit_does_not_describe(tmp_path, capsys):
    path = tmp_path / "torch.toml"
    path.write_text('init = "torch-default"\nstart = "materialised"\nnoise_std = 2.0\n')
    assert run(["predict", str(path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert 'init = "torch-default": first logits spread by 30.2' in line
    assert "train the problem with the span engine" in line
