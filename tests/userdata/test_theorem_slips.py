"""Slips in a user-supplied theorem are reported before anything is trained or decided."""

import csv
import sys

import numpy as np
import pytest
from theorem_files import GOOD, write_curves

from bofcheck.compare import verify
from bofcheck.compare.errors import CompareError
from bofcheck.compare.figures import figures_of
from bofcheck.compare.papers.zhang2025.plans import stage_cells
from bofcheck.compare.userdata import (
    CellNumbers,
    curves_plan,
    read_curves,
    read_numbers,
    theorem_plan,
)
from bofcheck.compare.verdict import Status
from bofcheck.theory import TheoremFileError
from bofcheck.theory.theorem_file.load import read_source, theorem_from_toml

NUMBERS = CellNumbers({"n": 400.0, "eta": 0.1, "p": 0.1})


def changed(*pairs: tuple[str, str]):
    text = GOOD
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return theorem_from_toml(text)


def test_a_quantity_that_is_not_logged_is_refused_before_training():
    source = changed(('quantity = "test_error"', 'quantity = "testerror"'))
    with pytest.raises(CompareError, match="testerror is not logged; choose from train_loss"):
        verify(theorem_plan(source))


def test_a_theorem_whose_bounds_have_no_data_is_refused(tmp_path):
    text = GOOD.replace('quantity = "test_error"', 'quantity = "accuracy"')
    text = text.replace('[[times]]\nevent = "T1"\nlaw = "c/eta"\n', "")
    source = theorem_from_toml(text.replace('c = "steps"\n', ""))
    curves = read_curves(write_curves(tmp_path / "c.csv"))
    with pytest.raises(CompareError, match="bounds accuracy, but the curves only have test_error"):
        verify(curves_plan(source.theorem, curves, NUMBERS))


def test_a_form_that_cannot_be_fitted_is_refused_with_its_name(tmp_path):
    source = changed(("C*exp(-k*eta*(t - T1))", "C/(1 + k*eta*(t - T1))"))
    curves = read_curves(write_curves(tmp_path / "c.csv"))
    with pytest.raises(CompareError, match=r"decay: D1 cannot be fitted: .*C\*exp\(-k\*x\)"):
        verify(curves_plan(source.theorem, curves, NUMBERS))
    with pytest.raises(CompareError, match="D1 cannot be fitted"):
        verify(theorem_plan(source))


def test_a_bound_that_decays_without_a_constant_takes_the_constant_it_needs(tmp_path):
    """test_error - p falls as 0.4/sqrt(1+t); C/(1+t) needs C = 0.4·sqrt(1+t) at 30."""
    text = GOOD[: GOOD.index("[[events]]")] + (
        '[[stages]]\nname = "all"\n[[stages.bounds]]\nname = "D1"\nquantity = "test_error"\n'
        'floor = "p"\nexcess = "C/(1 + t)"\n'
    )
    source = theorem_from_toml(text.replace('k = "rate"\nc = "steps"\n', ""))
    path = tmp_path / "c.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["run", "step", "test_error"])
        for run in range(150):
            for step in range(0, 101, 10):
                start = 0.4 - 1e-9 * run  # copies would count once
                rows.writerow([run, step, repr(float(0.1 + start / np.sqrt(1 + step)))])
    made = verify(curves_plan(source.theorem, read_curves(path), NUMBERS))
    assert made.studies[0].constants["C"].value == pytest.approx(
        0.4 * np.sqrt(31),
        rel=1e-6,
        abs=0.0,  # up to a quarter, or half in logs, of 100 steps
    )
    assert made.verdicts[0].status is Status.ERODES


def test_a_stage_that_is_never_reached_is_said_so(tmp_path):
    source = changed(("train_loss <= 1/2", "train_loss <= -100"))
    curves = read_curves(write_curves(tmp_path / "c.csv"))
    made = verify(curves_plan(source.theorem, curves, NUMBERS))
    reason = {one.claim: one for one in made.verdicts}["D1"].reason
    assert "no calibration run has a point in its stage, of 80" in reason


def test_the_runs_that_would_decide_are_those_still_lacking(tmp_path):
    made = verify(
        curves_plan(
            changed().theorem, read_curves(write_curves(tmp_path / "c.csv", runs=80)), NUMBERS
        )
    )
    # 59 clean runs decide, and 40 are there
    assert "0 of 40 held-out runs" in made.verdicts[0].reason
    assert "19 more runs without one would decide it" in made.verdicts[0].reason


def test_a_problem_file_brings_its_defaults_and_a_table_does_not(tmp_path):
    theorem = changed(("n*eta", "N*mu")).theorem
    file = tmp_path / "p.toml"
    file.write_text("n_samples = 30\nflip_prob = 0.1\n")
    shared = read_numbers(file, theorem).shared
    assert (shared["N"], shared["mu"], shared["p"]) == (30.0, 1.0, 0.1)
    file.write_text("[problem]\nn_samples = 30\nflip_prob = 0.1\n")
    assert "mu" not in read_numbers(file, theorem).shared
    file.write_text("N = 30\nflip_prob = 0.1\n")
    assert "mu" not in read_numbers(file, theorem).shared
    file.write_text("n_samples = 30\nflip_prob = 0.1\ninit = 3\n")
    with pytest.raises(CompareError, match="init = 3"):
        read_numbers(file, theorem)


def test_the_figure_shows_the_worst_cell(tmp_path):
    path = write_curves(tmp_path / "c.csv", runs=70, cells=("a", "b", "d", "e"))
    lines = [line.split(",") for line in path.read_text().splitlines()]
    for line in lines[1:]:
        if line[0] == "e" and int(line[2]) > 100:
            line[3] = "0.9"
    path.write_text("\n".join(",".join(line) for line in lines))
    made = verify(curves_plan(changed().theorem, read_curves(path), NUMBERS))
    assert made.verdicts[0].status is Status.VIOLATED
    assert made.verdicts[0].worst_cell == "e"
    assert figures_of(made)[0].caption.endswith("cell e")


def test_unknown_keys_go_first_and_more_than_one_fault_is_named(tmp_path):
    text = GOOD.replace('law = "c/eta"', 'lawx = "c/eta"').replace('title = "Exp', 'tittle = "Exp')
    with pytest.raises(
        Exception, match=r"^times.1.lawx: unknown key.*tittle: unknown key.*title: this"
    ):
        theorem_from_toml(text)


def test_the_papers_names_are_taken():
    with pytest.raises(TheoremFileError, match="name: benign is a theorem of the paper"):
        changed(('name = "decay"', 'name = "benign"'))


def test_a_python_file_imports_what_lies_beside_it(tmp_path):
    (tmp_path / "beside_it.py").write_text("from bofcheck.theory import benign as ONE\n")
    (tmp_path / "mine.py").write_text("from beside_it import ONE\nTHEOREM = ONE\n")
    before = list(sys.path)
    assert read_source(tmp_path / "mine.py").theorem.name == "benign"
    assert sys.path == before


def test_reports_on_curves_name_no_engine(tmp_path):
    made = verify(
        curves_plan(changed().theorem, read_curves(write_curves(tmp_path / "c.csv")), NUMBERS)
    )
    assert not {"engine", "device"} & made.settings.keys()
    assert made.settings["data"] == "curves"


def test_a_symbol_without_a_number_is_refused_before_anything_is_trained():
    source = theorem_from_toml(GOOD)
    with pytest.raises(CompareError, match="decay: a problem trained here has no number for n, "):
        theorem_plan(source, design=stage_cells(source.theorem, "both", "quick"))


def test_a_theorem_on_another_model_is_refused_before_anything_is_trained():
    source = theorem_from_toml(GOOD.replace('title = "', 'model = "a perceptron"\ntitle = "', 1))
    with pytest.raises(CompareError, match="decay: is about a perceptron, which is not trained"):
        theorem_plan(source, design=stage_cells(source.theorem, "both", "quick"))
