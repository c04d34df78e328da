"""Theorems decided on the model they are about, and your own model from a file."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from bofcheck.cli.entry import run
from bofcheck.compare import CompareError, verify
from bofcheck.compare.userdata import theorem_plan
from bofcheck.compare.userdata.own_models import all_plan, decided_here
from bofcheck.compare.verdict import Status
from bofcheck.simulate import ProblemError, StoreError, open_store, read_model, train
from bofcheck.simulate.models import get_model
from bofcheck.theory import get_theorem, neighbours
from bofcheck.theory.theorem_file.load import theorem_from_toml

LINEAR = """
name = "line"
title = "A linear classifier"
source = "a test"
provenance = "DERIVED"
model = "a linear classifier"
trained_as = "linear"
symbols = { sigma_0 = "std of the start" }
[[events]]
name = "T"
when = "train_loss <= epsilon"
[[stages]]
name = "training"
until = "T"
[[stages]]
name = "fitted"
[[stages.bounds]]
name = "L1"
quantity = "test_error"
floor = "p"
excess = "0.5"
[training]
seeds = 70
steps = 200
log = "geometric:20"
[training.problem]
model = "linear"
n_samples = 6
dim = 1000
noise_std = 0.03
signal_norm = 2.0
target_loss = 0.3
learning_rate = 0.5
test_tokens = 16
[[training.cells]]
name = "held"
role = "held out"
"""


def test_a_theorem_is_decided_on_its_own_model():
    verification = verify(theorem_plan(theorem_from_toml(LINEAR)))
    (verdict,) = verification.verdicts
    assert verdict.status is Status.HOLDS, verdict.reason
    result = verification.studies[0].results[0]
    assert result.values["sigma_0"] == 0.0
    assert result.cell.numbers()["model"] == "linear"
    assert result.trained.provenance["threads"] == 1


def test_a_theorem_about_a_model_says_nothing_of_the_transformer():
    text = LINEAR.replace('model = "linear"\n', "").replace("seeds = 70", "seeds = 2")
    (verdict,) = verify(theorem_plan(theorem_from_toml(text))).verdicts
    assert verdict.status is Status.OUT_OF_SCOPE


def test_cells_of_another_model_are_refused():
    text = LINEAR.replace('model = "linear"\n', 'model = "leaky_relu"\n')
    with pytest.raises(CompareError, match=r"held: model = 'leaky_relu', but the theorem is about"):
        theorem_plan(theorem_from_toml(text))


def test_a_number_that_the_model_lacks_is_named():
    source = theorem_from_toml(LINEAR.replace('excess = "0.5"', 'excess = "m/10"').replace(
        "sigma_0 =", 'm = "filters", sigma_0 ='))  # fmt: skip
    with pytest.raises(CompareError, match="has no number for m"):
        theorem_plan(source)


def test_the_cells_of_every_theorem_can_be_trained_and_lie_on_both_sides():
    plan = all_plan()
    assert {"cao2022", "kou2023"} <= {part.theorem.name for part in plan.parts}
    for source in decided_here():
        theorem = source.theorem
        assert {p.network.name for p in (c.order for c in theorem_plan(source).parts[0].cells)} == {
            theorem.trained_as
        }
    names = [order.name for order in plan.orders()]
    assert len(set(names)) == len(names)


def test_a_step_of_kou_is_the_same_by_both_engines_on_a_cell_made_small():
    order = theorem_plan(neighbours()["kou2023"]).parts[0].cells[0].order
    small = order.replace(dim=300, start="materialised", test_tokens=4)
    span, direct = (train(small, seeds=2, steps=20, engine=e) for e in ("span", "direct"))
    assert np.allclose(span["train_loss"], direct["train_loss"], rtol=1e-10, atol=0)


MINE = '''
import numpy as np
from bofcheck.simulate.models import Model

class Squares(Model):
    """f = sum of (u.x)^2 - (v.x)^2."""

    name, source = "squares", "a test"
    init_std: float = 0.1

    def start_stds(self):
        return np.full(2, self.init_std)

    def forward(self, tokens, extra):
        return (tokens[..., 0] ** 2 - tokens[..., 1] ** 2).sum(dim=1)

MODEL = Squares
'''


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bofcheck.simulate.models._YOURS", {})
    Path("mine.py").write_text(MINE)
    Path("problem.toml").write_text(
        'model = "squares"\nn_samples = 4\ndim = 1e9\ntest_tokens = 4\n'
    )
    return tmp_path


FAULTS = {
    "no MODEL": (("MODEL = Squares", ""), "defines no MODEL"),
    "a shipped name": (('"squares"', '"linear"'), "is a model of bofcheck; choose another name"),
    "no name": (('name, source = "squares", "a test"', 'source = "a test"'), "has no name"),
    "a detached output": (("(tokens[..., 0] **", "(tokens.detach()[..., 0] **"), "its gradient is"),
    "another shape": ((".sum(dim=1)", ""), r"forward gives shape \(2, 2, 3\)"),
    "an error of its own": (("np.full(2,", "np.full(-2,"), "cannot be trained: "),
    "not Python": (("import numpy as np", "import numpy as"), "SyntaxError"),
}


@pytest.mark.parametrize(("change", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_of_a_model_file_is_one_line(folder, change, message):
    Path("mine.py").write_text(MINE.replace(*change))
    with pytest.raises(ProblemError, match=message) as caught:
        read_model("mine.py")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("mine.py:") or "choose another name" in str(caught.value)


def test_your_model_is_trained_stored_exported_and_never_called_damaged(folder, capsys):
    call = ["simulate", "problem.toml", "--seeds", "2", "--steps", "5", "--out", "out"]
    assert run(call) == 2
    assert "give the file of your own" in capsys.readouterr().err
    assert run([*call, "--model", "mine.py"]) == 0
    assert get_model("squares").__name__ == "Squares"
    assert run(["export", "out", "--to", "csv", "--out", "a.csv"]) == 0
    import bofcheck.simulate.models as models

    models._YOURS.clear()  # as in a new process
    capsys.readouterr()
    assert run(["export", "out", "--to", "csv", "--out", "b.csv"]) == 2
    said = capsys.readouterr().err
    assert "unknown" in said
    assert "damaged" not in said
    with pytest.raises(StoreError, match="model = 'squares': unknown"):
        open_store("out").head("problem", 0)
    assert run(["export", "out", "--to", "csv", "--out", "b.csv", "--model", "mine.py"]) == 0
    assert Path("a.csv").read_text() == Path("b.csv").read_text()
    Path("mine.py").write_text(MINE + "\n# another version\n")
    assert run([*call, "--model", "mine.py"]) == 2  # would mix two versions in one folder


def test_theorems_lists_paper_model_statement_provenance_and_verdict(folder, capsys):
    Path("line.toml").write_text(LINEAR)
    assert run(["theorems", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["theorems"]}
    assert {"benign", "harmful", "kou2023", "jiang2024"} <= rows.keys()
    assert rows["kou2023"]["trained_as"] == "relu_cnn"
    assert rows["benign"]["trained_as"] == "attention"
    kou = {part["id"]: part for part in rows["kou2023"]["statements"]}
    assert list(kou) == ["K1", "K2", "T", "T (order)", "KB"]
    assert (kou["KB"]["provenance"], kou["KB"]["seen"], kou["KB"]["verdict"]) == (
        "SOURCE", False, None,
    )  # fmt: skip
    assert run(["theorems", "nobody2020"]) == 2


def test_all_theorems_take_no_data(folder, capsys):
    assert run(["verify", "--theorem", "all", "--data", "curves.csv"]) == 2
    assert "is for one theorem" in capsys.readouterr().err


def test_every_condition_of_the_papers_is_met_by_some_cell_of_kou():
    source = neighbours()["kou2023"]
    plan = theorem_plan(source)
    from bofcheck.compare.cells import theory_values

    inside = [
        get_theorem("kou2023").check(theory_values(cell.order)).holds
        for cell in plan.parts[0].cells
    ]
    assert 0.5 < np.mean(inside) < 1.0


def test_a_frozen_run_moves_the_verdict():
    """Kou's boundary on runs that never train: no run gets to T, so nothing is decided."""
    source = neighbours()["kou2023"]
    problem = {**source.training["problem"], "test_tokens": 8}
    cells = [
        {**cell, "problem": {**cell["problem"], "learning_rate": 1e-9}}
        for cell in source.training["cells"][:3]
    ]
    frozen = {**source.training, "seeds": 2, "steps": 3, "problem": problem, "cells": cells}
    verdicts = verify(theorem_plan(dataclasses.replace(source, training=frozen))).verdicts
    assert not {Status.HOLDS, Status.ERODES} & {verdict.status for verdict in verdicts}
