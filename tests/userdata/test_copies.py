"""Runs that are copies of other runs are named and are not evidence that a bound holds."""

import numpy as np
import pytest
from curve_files import NUMBERS, TEXT, THEOREM, command_on, decaying, verdict_on, write_rows

from bofcheck.compare import Role, Status, verify
from bofcheck.compare.userdata import CellNumbers, Measured, curves_plan, read_curves
from bofcheck.theory import get_theorem
from bofcheck.theory.theorem_file.load import theorem_from_toml


def copied(rows, cells=("a", "b"), keep=1):
    """The rows with every run of some cells a copy of one of its first runs."""
    curves = {row[:3]: row[3] for row in rows}
    return [
        (cell, run, step, curves[cell, run % keep, step] if cell in cells else loss)
        for cell, run, step, loss in rows
    ]


def test_runs_that_differ_hold_without_a_note(tmp_path):
    rows = decaying(cells=("a",)) + decaying(cells=("b",), scale=0.99)
    verdict, settings = verdict_on(write_rows(tmp_path / "c.csv", rows))
    assert verdict.status is Status.HOLDS
    assert verdict.reason.startswith("0 of 70 held-out runs exceed the bound; at least 2×")
    assert "copies" not in verdict.reason
    assert "notes" not in settings


@pytest.mark.parametrize("digits", [6, 17])
@pytest.mark.parametrize("steps", [range(0, 500, 50), (0, 50, 100)])
def test_copies_of_one_run_do_not_hold(tmp_path, digits, steps):
    rows = copied(decaying(steps=steps, digits=digits), cells=("b",))
    verdict, settings = verdict_on(write_rows(tmp_path / "c.csv", rows))
    assert verdict.status is not Status.HOLDS
    assert "69 of 70 held-out runs are copies of others, to the last digit" in verdict.reason
    (note,) = settings["notes"]
    assert note.startswith(
        "b: 69 of 70 runs are copies of other runs, to the last digit (1 is 0, 2"
    )


def test_copies_are_named_on_the_screen_and_in_the_report(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, err, report = command_on(write_rows("c.csv", copied(decaying(("a",)))), capsys)
    assert code == 0
    note = "data: 69 of 70 runs are copies"
    assert "copies of other runs, to the last digit (2 is 0, 4 is 0" in err
    notes = report["provenance"]["settings"]["notes"]
    assert [line.partition(":")[0] for line in notes] == ["a-calibration", "a-held-out"]
    assert note not in err
    assert report["claims"][0]["verdict"] == "INCONCLUSIVE"


def test_few_copies_among_many_runs_are_named_and_the_bound_holds(tmp_path):
    rows = decaying(cells=("a",)) + decaying(cells=("b",), scale=0.99)
    rows += [("b", 70 + run, step, loss) for _, run, step, loss in rows[700:] if run < 3]
    verdict, _ = verdict_on(write_rows(tmp_path / "c.csv", rows))
    assert verdict.status is Status.HOLDS
    assert verdict.reason.startswith("0 of 73 held-out runs exceed the bound; ")
    assert verdict.reason.endswith("3 of 73 held-out runs are copies of others, to the last digit")
    fewer = [row for row in rows if row[0] == "a" or row[1] < 57 or row[1] >= 70]
    verdict, _ = verdict_on(write_rows(tmp_path / "c.csv", fewer))  # 60 runs, 57 of them different
    assert verdict.status is Status.INCONCLUSIVE
    assert "each counted once, 0 of 57 held-out runs exceed the bound" in verdict.reason


def test_a_held_out_cell_with_the_data_of_a_calibration_cell_judges_nothing(tmp_path):
    rows = decaying(cells=("z",))
    path = write_rows(tmp_path / "c.csv", [*rows, *(("y", *row[1:]) for row in rows)])
    roles = {"z": Role.CALIBRATION, "y": Role.HELD_OUT}
    for h in (0.01, 0.0099):  # with its numbers, and with others
        numbers = CellNumbers({}, {"z": {"h": 0.01}, "y": {"h": h}}, roles)
        verdict, settings = verdict_on(path, numbers=numbers)
        assert verdict.status is Status.INCONCLUSIVE
        assert settings["notes"][0].startswith("y: 70 of 70 runs are copies of other runs")
        assert "(0 is 0 of z, 1 is 1 of z" in settings["notes"][0]


def test_violations_of_copies_are_not_forgiven(tmp_path):
    rows = copied(decaying())
    rows = [(c, r, t, 0.9 if c == "b" else x * np.exp(-0.001 * t)) for c, r, t, x in rows]
    rows = [(c, r, t, x - 0.000777 * t if c == "b" else x) for c, r, t, x in rows]
    verdict, _ = verdict_on(write_rows(tmp_path / "c.csv", rows))
    assert verdict.status is Status.VIOLATED
    assert "69 of 70 held-out runs are copies of others" in verdict.reason


@pytest.mark.parametrize(
    "curve",
    [np.zeros(8), np.full(8, np.log(2)), [0.5, 0.25, 0.1, 0.02, 0, 0, 0, 0],
     [0.53, 0.25, 0.03, 0.01, 0, 0, 0, 0]],
    ids=["zero", "constant", "coarse", "of a hundred samples"],
)  # fmt: skip
def test_curves_that_say_little_may_be_alike(curve):
    steps, runs = np.arange(8.0), 140
    quantities = {"train_loss": np.tile(np.asarray(curve, dtype=float), (runs, 1))}
    curves = {"x": Measured(steps, np.arange(runs), quantities, np.zeros(runs, dtype=bool))}
    plan = curves_plan(THEOREM, curves, NUMBERS)
    assert "notes" not in plan.settings
    assert "copies" not in verify(plan).verdicts[0].reason


def test_runs_alike_in_one_quantity_and_not_in_another_are_no_copies():
    rng = np.random.default_rng(0)
    steps = np.arange(0.0, 400.0, 50.0)
    error = np.tile(0.1 + 0.3 * np.exp(-steps / 100), (80, 1))
    loss = rng.uniform(0.6, 0.7, (80, 1)) * np.exp(-steps / 100)
    numbers = CellNumbers({"N": 20, "mu": 1.0, "sigma_p": 0.1, "d": 100, "p": 0.1, "epsilon": 0.1,
                           "m": 10, "eta": 0.1, "q": 1, "sigma_0": 0.01})  # fmt: skip
    whole = np.zeros(80, dtype=bool)
    both = {"x": Measured(steps, np.arange(80), {"test_error": error, "train_loss": loss}, whole)}
    assert "notes" not in curves_plan(get_theorem("kou2023"), both, numbers).settings
    same = {"test_error": error, "train_loss": np.tile(loss[0], (80, 1))}
    both = {"x": Measured(steps, np.arange(80), same, whole)}
    assert len(curves_plan(get_theorem("kou2023"), both, numbers).settings["notes"]) == 2


@pytest.mark.parametrize("until", ["stage", "time"])
def test_copies_are_left_out_of_what_the_log_says_of_events(tmp_path, until):
    text = TEXT.replace(
        "[[stages]]", '[[events]]\nname = "T1"\nwhen = "train_loss <= 0.5"\n[[stages]]'
    )
    text = text.replace('name = "all"', 'name = "all"\nuntil = "T1"').replace(
        "C*exp(-h*t)", "2*exp(-h*t)"
    )
    text = text.replace('[constants]\nC = "start"\n', "")
    if until == "time":
        text += '[[times]]\nevent = "T1"\nlaw = "2/h"\nreading = "deadline"\n'
    rows = copied(decaying(cells=("a", "b")), cells=("b",))
    path = write_rows(tmp_path / "c.csv", rows)
    theorem = theorem_from_toml(text).theorem
    verdicts = verify(curves_plan(theorem, read_curves(path, ["train_loss"]), NUMBERS)).verdicts
    assert {verdict.status for verdict in verdicts} == {Status.HOLDS}
    assert "69 of 140 held-out runs are copies" in verdicts[-1].reason
