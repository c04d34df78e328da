"""User-supplied theorems on curves whose right verdict is known, and on a few trained cells."""

import dataclasses
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from theorem_files import GOOD, write_curves

from bofcheck.compare import CompareError, Role, Scope, Status, verify
from bofcheck.compare.papers.zhang2025.designs import get_design
from bofcheck.compare.papers.zhang2025.plans import stage_cells
from bofcheck.compare.report import document
from bofcheck.compare.userdata import (
    CellNumbers,
    Measured,
    curves_plan,
    read_curves,
    read_numbers,
    split_roles,
    theorem_plan,
    training_design,
)
from bofcheck.compare.userdata.numbers import parse_numbers
from bofcheck.simulate import CellOrder, Problem, TrajectoryStore, train_stored
from bofcheck.simulate.exports import export
from bofcheck.theory import TheoremSource, benign, neighbours
from bofcheck.theory.theorem_file.load import read_source, theorem_from_toml

DECAY = theorem_from_toml(GOOD)
NUMBERS = CellNumbers({"n": 400.0, "eta": 0.1, "p": 0.1})


def decided(path, numbers=NUMBERS, theorem=DECAY.theorem):
    made = verify(curves_plan(theorem, read_curves(path), numbers))
    return made, {one.claim: one for one in made.verdicts}


def test_curves_that_obey_hold_and_planted_constants_come_back(tmp_path):
    made, verdicts = decided(write_curves(tmp_path / "c.csv"))
    assert [one.status for one in verdicts.values()] == [Status.HOLDS, Status.HOLDS]
    assert {one.scope for one in verdicts.values()} == {Scope.INSIDE}
    study = made.studies[0]
    assert study.constants["k"].value == pytest.approx(0.3, rel=0.05, abs=0.0)
    assert 0.4 < study.constants["C"].value < 0.4 * np.exp(0.4)
    assert study.constants["C"].widened == 2 * study.constants["C"].value
    assert study.constants["k"].widened == 0.5 * study.constants["k"].value
    assert made.settings["split"] == "the runs of the only cell in turn, the first calibrates"
    kept = {r.cell.role: r.trajectory.seeds.tolist() for r in study.results}
    assert kept[Role.CALIBRATION][:3] == ["0", "2", "4"]
    assert kept[Role.HELD_OUT][:3] == ["1", "3", "5"]
    assert verdicts["D1"].at_one_over_d.level == pytest.approx(1 / 400, rel=1e-6, abs=0.0)
    events = study.results[0].events["T1"]
    assert np.all((events >= 20) & (events <= 25))


def test_held_out_curves_that_do_not_decay_violate(tmp_path):
    _, verdicts = decided(write_curves(tmp_path / "c.csv", late=0.4))
    assert verdicts["D1"].status is Status.VIOLATED
    assert verdicts["D1"].worst_cell == "only-held-out"
    assert "80 of 80 held-out runs exceed the bound" in verdicts["D1"].reason
    assert verdicts["T1"].status is Status.HOLDS
    outside = CellNumbers({"n": 4.0, "eta": 0.1, "p": 0.1})  # n·eta < 2
    _, verdicts = decided(tmp_path / "c.csv", outside)
    assert (verdicts["D1"].status, verdicts["D1"].scope) == (Status.VIOLATED, Scope.OUTSIDE)
    assert "outside its own conditions" in verdicts["D1"].reason


def test_too_few_runs_decide_nothing(tmp_path):
    _, verdicts = decided(write_curves(tmp_path / "c.csv", runs=20))
    assert verdicts["D1"].status is Status.INCONCLUSIVE
    _, verdicts = decided(write_curves(tmp_path / "few.csv", runs=6))
    assert verdicts["D1"].status is Status.INCONCLUSIVE
    assert "8 are needed" in verdicts["D1"].reason


def test_diverged_runs_are_counted_and_never_averaged_in(tmp_path):
    path = write_curves(tmp_path / "c.csv")
    lines = [line.split(",") for line in path.read_text().splitlines()]
    for line in lines:
        if line[1:3] in (["1", "100"], ["2", "50"]):
            line[3] = "nan"
    path.write_text("\n".join(",".join(line) for line in lines))
    made, verdicts = decided(path)
    assert [int(r.trajectory.diverged.sum()) for r in made.studies[0].results] == [1, 1]
    assert made.studies[0].constants["C"].runs == 79
    assert "1 cannot be decided" in verdicts["D1"].reason
    assert [cell.diverged for cell in document(made).cells] == [1, 1]


def test_cells_take_turns_and_roles_that_are_given_are_kept(tmp_path):
    path = write_curves(tmp_path / "c.csv", runs=70, cells=("b", "a", "d"))
    made, _ = decided(path)
    roles = {r.cell.name: r.cell.role for r in made.studies[0].results}
    assert roles == {"a": Role.CALIBRATION, "b": Role.HELD_OUT, "d": Role.CALIBRATION}
    file = tmp_path / "p.toml"
    file.write_text(
        "[problem]\nn = 400\nlearning_rate = 0.1\nflip_prob = 0.1\nseed = 3\n"
        '[cells.a]\nrole = "held out"\nn = 500\n[cells.b]\nrole = "calibration"\n'
        '[cells.d]\nrole = "held out"\n'
    )
    made, verdicts = decided(path, read_numbers(file, DECAY.theorem))
    roles = {r.cell.name: (r.cell.role.value, r.values["n"]) for r in made.studies[0].results}
    assert roles == {"a": ("held out", 500.0), "b": ("calibration", 400.0), "d": ("held out", 400)}
    assert verdicts["D1"].status is Status.HOLDS
    assert made.settings["split"] == "as given"


def test_no_run_has_both_roles_whatever_the_data():
    steps = np.arange(3.0)

    @settings(max_examples=30, deadline=None)
    @given(st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(1, 5), min_size=1))
    def check(sizes):
        curves = {
            name: Measured(steps, np.arange(runs), {"test_error": np.zeros((runs, 3))},
                           np.zeros(runs, dtype=bool))
            for name, runs in sizes.items()
        }  # fmt: skip
        parts = split_roles(benign, curves, {}).parts
        assert sum(len(one.seeds) for _, _, one in parts) == sum(sizes.values())
        again = {n: dataclasses.replace(c, quantities={"test_error": c["test_error"] + 1})
                 for n, c in curves.items()}  # fmt: skip
        same = [(n, r, c.seeds.tolist()) for n, r, c in split_roles(benign, again, {}).parts]
        assert [(n, r, c.seeds.tolist()) for n, r, c in parts] == same

    check()


LOWER = """
name = "floor"
title = "Lower bounds"
source = "mine"
provenance = "DERIVED"
constants = { C = "height", D = "height", k = "rate" }
[[stages]]
name = "all"
[[stages.bounds]]
name = "L1"
quantity = "gap"
kind = "lower"
excess = "C*t"
[[stages.bounds]]
name = "L2"
quantity = "size"
kind = "lower"
excess = "D*exp(-k*t)"
[[stages.bounds]]
name = "L3"
quantity = "absent"
excess = "1"
"""


def test_lower_bounds_on_quantities_of_ones_own():
    theorem = theorem_from_toml(LOWER).theorem
    rng = np.random.default_rng(3)
    steps = np.arange(0.0, 10.0)
    noise = rng.lognormal(0, 0.05, (160, 1))
    quantities = {"gap": 3 * steps * noise, "size": 5 * np.exp(-0.7 * steps) * noise}
    curves = {"x": Measured(steps, np.arange(160), quantities, np.zeros(160, dtype=bool))}
    made = verify(curves_plan(theorem, curves))
    status = {one.claim: one.status for one in made.verdicts}
    assert status == {"L1": Status.HOLDS, "L2": Status.HOLDS, "L3": Status.INCONCLUSIVE}
    fitted = made.studies[0].constants
    assert fitted["C"].value == pytest.approx(3 * noise[::2].min(), rel=1e-6, abs=0.0)
    assert fitted["C"].widened == fitted["C"].value / 2
    assert (fitted["k"].value, fitted["k"].widened) == pytest.approx((0.7, 1.4), rel=1e-6, abs=0.0)
    assert fitted["D"].widened == fitted["D"].value / 2
    quantities["gap"][1::2] /= 4  # the held-out runs
    verdicts = {one.claim: one for one in verify(curves_plan(theorem, curves)).verdicts}
    assert verdicts["L1"].status is Status.VIOLATED
    assert "fall below the bound" in verdicts["L1"].reason


def test_netcdf_and_long_csv_give_the_same_curves(tmp_path):
    import xarray as xr

    path = write_curves(tmp_path / "c.csv", runs=12)
    wide = read_curves(path, ["test_error", "train_loss"])["only"]
    rows = ["run,step,quantity,value"]
    rows += [f"{run},{step:g},{name},{wide[name][i, j]!r}"
             for i, run in enumerate(wide.seeds) for j, step in enumerate(wide.steps)
             for name in wide.quantities]  # fmt: skip
    (tmp_path / "long.csv").write_text("\n".join(rows).replace("np.float64(", "").replace(")", ""))
    data = xr.Dataset(
        {name: (("run", "step"), values) for name, values in wide.quantities.items()},
        coords={"run": wide.seeds.astype(str), "step": wide.steps},
    )
    data.to_netcdf(tmp_path / "c.nc", engine="h5netcdf")
    for name in ("long.csv", "c.nc"):
        other = read_curves(tmp_path / name)["data"]
        assert other.seeds.tolist() == wide.seeds.tolist()
        assert set(other.quantities) == {"test_error", "train_loss"}
        for quantity in other.quantities:
            np.testing.assert_array_equal(other[quantity], wide[quantity])


@pytest.mark.parametrize("form", ["csv", "netcdf"])
def test_what_export_writes_reads_back(tmp_path, form):
    store = TrajectoryStore(tmp_path / "results", {"command": "test"})
    problem = Problem(n_samples=4, dim=1000, test_tokens=8)
    made = train_stored(store, CellOrder("easy", problem, 3, 20, log_at="every:5"))
    path = tmp_path / ("out.csv" if form == "csv" else "out.nc")
    export(store, form, path)
    read = read_curves(path, ["train_loss", "test_error"])["easy"]
    np.testing.assert_array_equal(read["train_loss"], made["train_loss"])
    assert read.steps.tolist() == made.steps.tolist()
    assert not read.diverged.any()


BAD_CURVES = {
    "empty": ("", "needs columns run, step"),
    "no step": (
        "run,time,test_error\n1,0,0.3\n1,1,0.2\n",
        "line 3: cell data, run 1, step 0: .* is given twice; the file has no column step",
    ),
    "a misspelt step": ("run,stp,test_error\n1,2,0.3\n", "'stp' must be called step"),
    "two columns of a name": ("run,step,a,a\n", "two columns are called 'a'"),
    "short row": ("run,step,test_error\n1,2\n", "line 2: 2 fields, the header has 3"),
    "no number": ("run,step,test_error\n1,2,high\n", "test_error = 'high': is not a number"),
    "no step number": ("run,step,test_error\n1,x,1\n", "line 2: step = 'x': is not a number"),
    "negative step": ("run,step,test_error\n1,-2,1\n", "must be at least 0"),
    "infinite step": ("run,step,test_error\n1,inf,1\n", "must be at least 0"),
    "twice": (
        "run,step,test_error\n1,2,0.3\n1,2,0.4\n",
        "run 1, step 2: test_error is given twice",
    ),
    "no run": ("run,step,test_error\n,2,3\n", "line 2: run and cell must not be empty"),
    "nothing": ("run,step,test_error\n", "holds no number"),
    "quotes": ('run,step,test_error\n1,2,"3"x\n', "not valid CSV"),
    "null byte": ("run,step,test_error\n1,2,\0\n", "is not a number|not valid CSV"),
}


@pytest.mark.parametrize(("text", "message"), BAD_CURVES.values(), ids=BAD_CURVES.keys())
def test_bad_curves_are_named_with_their_line(tmp_path, text, message):
    path = tmp_path / "c.csv"
    path.write_text(text)
    with pytest.raises(CompareError, match=message) as caught:
        read_curves(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_files_that_are_no_curves(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe")
    (tmp_path / "a.nc").write_bytes(b"not netCDF")
    (tmp_path / "b.csv").mkdir()
    for name in ("a.csv", "a.nc", "b.csv", "absent.csv", "absent.nc", "c.xlsx"):
        with pytest.raises(CompareError, match=name):
            read_curves(tmp_path / name)


BAD_NUMBERS = {
    "unknown symbol": ({"zeta": 1.0}, "zeta: unknown symbol; allowed: "),
    "constant": ({"C": 1.0}, "C: unknown symbol"),
    "text": ({"eta": "big"}, "eta = 'big': must be a number"),
    "true": ({"eta": True}, "eta = True: must be a number"),
    "nan": ({"eta": float("nan")}, "must be a number above 0"),
    "huge": ({"eta": 10**400}, "must be a number above 0"),
    "zero": ({"eta": 0}, "must be a number above 0"),
    "flips": ({"p": 0.5}, r"must be a number in \[0, 0.5\)"),
    "twice": ({"eta": 0.1, "learning_rate": 0.2}, "eta is given twice"),
    "problem is a list": ({"problem": [1]}, "problem: must be a table"),
    "cells are numbers": ({"cells": {"a": 3}}, "cells.a: must be a table"),
    "role": ({"cells": {"a": {"role": "judge"}}}, "must be 'calibration' or 'held out'"),
    "both places": ({"eta": 0.1, "problem": {"p": 0.1}}, r"keys belong in \[problem\]"),
}


@pytest.mark.parametrize(("table", "message"), BAD_NUMBERS.values(), ids=BAD_NUMBERS.keys())
def test_bad_numbers_are_named(table, message):
    with pytest.raises(CompareError, match=message):
        parse_numbers(table, DECAY.theorem)


def test_what_does_not_fit_together_is_named(tmp_path):
    path = write_curves(tmp_path / "c.csv", runs=4)
    cases = (
        (CellNumbers({"eta": 0.1, "p": 0.1}), "no number for n, which condition needs"),
        (CellNumbers(NUMBERS.shared, {"x": {}}), r"cells.x: no such cell in the data: only"),
        (CellNumbers(NUMBERS.shared, {}, {"x": Role.HELD_OUT}), "cells.x: no such cell"),
    )
    for numbers, message in cases:
        with pytest.raises(CompareError, match=message):
            decided(path, numbers)
    curves = read_curves(path, ["test_error"])
    with pytest.raises(CompareError, match="event T1 needs train_loss, which the curves do not"):
        verify(curves_plan(DECAY.theorem, curves, NUMBERS))
    v = {"N": 9.0, "d": 9.0, "d_h": 9.0, "mu": 1.0, "sigma_p": 1.0, "sigma_V": 1.0, "w": 1.0}
    v |= {"eta": 0.1, "p": 0.1, "epsilon": 0.1, "delta": 0.1, "sigma_h": 0.1}
    with pytest.raises(CompareError, match=r"event T1 needs v_plus, which the curves do not"):
        verify(curves_plan(benign, curves, CellNumbers(v)))


SMALL = {
    "seeds": 6,
    "steps": 300,
    "log": "geometric:24",
    "problem": {"n_samples": 8, "dim": 10_000, "key_dim": 64, "noise_std": 0.01, "flip_prob": 0.1,
                "learning_rate": 0.3, "init_std_v": 0.01, "target_loss": 0.2, "test_tokens": 16},
    "cells": [
        {"name": "a", "role": "calibration", "problem": {"signal_norm": 2.0}},
        {"name": "a2", "role": "calibration", "problem": {"signal_norm": 2.2}},
        {"name": "b", "role": "held out", "problem": {"signal_norm": 1.8}},
    ],
}  # fmt: skip


def test_another_model_is_evaluated_but_never_decided_on_these_trajectories(tmp_path):
    source = dataclasses.replace(neighbours()["magen2024"], training=SMALL)
    made = verify(theorem_plan(source))
    first, second = made.verdicts
    assert {first.status, second.status} == {Status.OUT_OF_SCOPE}
    assert "about a single softmax head with a trained query vector p and value vector v" in (
        first.reason
    )
    assert "there the check says INCONCLUSIVE: " in first.reason
    assert "no held-out cell meets" in second.reason
    # on curves of that model it is decided
    curves = write_curves(tmp_path / "c.csv", runs=160)
    numbers = {"N": 10.0, "mu": 1.0, "sigma_p": 1.0, "d": 5.0, "p": 0.1, "epsilon": 0.5,
               "m": 10.0, "eta": 0.1, "q": 1.0, "sigma_0": 0.01}  # fmt: skip
    theorem = neighbours()["kou2023"].theorem
    _, verdicts = decided(curves, CellNumbers(numbers), theorem)
    assert verdicts["K1"].status is not Status.OUT_OF_SCOPE


def test_events_and_assumptions_of_the_regime_serve_a_file_that_names_it():
    text = GOOD[: GOOD.index("[[conditions]]")] + GOOD[GOOD.index("[[stages]]") :]
    text = text.replace("[symbols]", 'regime = "benign"\n[symbols]').replace("C0 = 2\n", "")
    text = text.replace('n = "samples of mine"', "").replace('probability = "1/n"', "")
    source = theorem_from_toml(text)
    made = verify(theorem_plan(dataclasses.replace(source, training=SMALL)))
    result = made.studies[0].results[0]
    assert set(result.events) == {"T1", "T2", "T3", "T_gap"}
    assert len(result.assumptions.rows) == 11  # Assumption 4.1
    assert {one.claim for one in made.verdicts} == {"D1", "T1"}


MINE = """
from sympy import Symbol
from bofcheck.theory import Bound, Condition, Event, Provenance, Stage, Theorem

N, mu, t = Symbol("N", positive=True), Symbol("mu", positive=True), Symbol("t", nonnegative=True)
C, C0 = Symbol("C1", positive=True), Symbol("C0", positive=True)
TAG = Provenance.DERIVED
BOUND = Bound("D1", "test_error", "upper", 0, C / (1 + t / N), (C,), TAG, "mine")
THEOREM = Theorem(
    name="mine", regime="mine", title="Mine", source="mine", continuity={}, times=(),
    condition=Condition("strong signal", N * mu**2, ">=", THRESHOLD, TAG, "mine"),
    stages=(Stage(1, "all", 0, float("inf"), (BOUND,)),),
    probability_floor="not named", promised=None, assumes=ASSUMES,
)
"""
WIDE = '(Condition("many samples", N, ">=", 2 * mu, TAG, "mine"),)'


@pytest.mark.parametrize(
    ("threshold", "assumes", "rows"),
    [
        ("40", "()", [(1, "strong signal")]),
        ("40", WIDE, [(1, "many samples"), (2, "strong signal")]),
        ("C0", WIDE, [(1, "many samples")]),  # an open constant decides nothing
        ("C0", "()", []),
    ],
)
def test_the_condition_of_a_python_theorem_decides_where_it_has_numbers(
    tmp_path, threshold, assumes, rows
):
    text = MINE.replace("THRESHOLD", threshold).replace("ASSUMES", assumes)
    (tmp_path / "mine.py").write_text(text)
    theorem = read_source(tmp_path / "mine.py").theorem
    path = write_curves(tmp_path / "c.csv", runs=20, cells=("a", "strong", "weak"))
    numbers = CellNumbers({"N": 10.0, "mu": 2.0}, {"weak": {"mu": 1.0}})
    made, _ = decided(path, numbers, theorem)
    inside = {result.cell.name: result.inside for result in made.studies[0].results}
    assert inside == {"a": True, "strong": True, "weak": threshold == "C0"}
    for result in made.studies[0].results:
        assert [(row.item, row.text) for row in result.assumptions.rows] == rows
    if threshold == "40":
        row = made.studies[0].results[2].assumptions.rows[-1]
        assert (row.left, row.right, row.ratio, row.holds) == (10.0, 40.0, 0.25, False)
        assert made.studies[0].results[2].assumptions.failing == (len(rows),)


def test_a_condition_that_is_among_the_conditions_counts_once(tmp_path):
    assert DECAY.theorem.condition == DECAY.theorem.assumes[0]
    made, _ = decided(write_curves(tmp_path / "c.csv", runs=20))
    rows = made.studies[0].results[0].assumptions.rows
    assert [(row.item, row.text) for row in rows] == [(1, "enough samples")]


BAD_TRAINING = {
    "no cells": ({"cells": []}, "training.cells: "),
    "unknown key": ({"speed": 1}, "training.speed: unknown key"),
    "role": ({"cells": [{"name": "a", "role": "judge"}]}, "training.cells.1.role: "),
    "no steps": ({"steps": None}, "training.cells.a: give steps"),
    "problem": ({"problem": {"dim": -3}}, "training.cells.a: dim = -3"),
    "field": ({"problem": {"dimm": 3}}, "training.cells.a: dimm: unknown key"),
    "log": ({"log": "often"}, "training.cells.a: "),
    "one problem, two roles": (
        {"cells": [{"name": "a", "role": "calibration"}, {"name": "b", "role": "held out"}]},
        "used for calibration and held out",
    ),
}


@pytest.mark.parametrize(("change", "message"), BAD_TRAINING.values(), ids=BAD_TRAINING.keys())
def test_bad_cells_are_named(change, message):
    table = {k: v for k, v in {**SMALL, **change}.items() if v is not None}
    source = TheoremSource(neighbours()["magen2024"].theorem, training=table)
    with pytest.raises(CompareError, match=message):
        verify(theorem_plan(source))


@pytest.mark.slow
def test_jiang_2024_is_decided_on_this_model():
    made = verify(theorem_plan(neighbours()["jiang2024"]))
    found = {one.claim: (one.status, one.scope) for one in made.verdicts}
    inside, outside = (Status.HOLDS, Scope.INSIDE), (Status.HOLDS, Scope.OUTSIDE)
    assert found == {
        "J1": inside, "J2": outside, "T (benign)": inside, "T (harmful)": outside,
        "T (benign-order)": inside, "T (harmful-order)": outside,
        "T2 (benign-order)": (Status.VIOLATED, Scope.INSIDE), "T2 (harmful-order)": outside,
    }  # fmt: skip


def test_without_cells_of_its_own_the_stage_cells_of_a_preset_are_taken():
    quick = get_design("quick")
    stages = {
        regime: tuple(cell for cell in quick.cells[regime] if cell.kind == "stage")
        for regime in ("benign", "harmful")
    }
    free = dataclasses.replace(DECAY, training={})
    both = stages["benign"] + stages["harmful"]
    assert training_design(free) is None
    assert stage_cells(free.theorem, "both", "quick").cells["decay"] == both
    assert stage_cells(free.theorem, "harmful", "quick").cells["decay"] == stages["harmful"]
    tuned = dataclasses.replace(benign, name="tuned")
    assert stage_cells(tuned, "both", "quick").cells["tuned"] == stages["benign"]
    with pytest.raises(CompareError, match="preset 'huge': unknown"):
        stage_cells(free.theorem, "both", "huge")
    with pytest.raises(CompareError, match=r"decay: its file has no \[training\]; give a design"):
        verify(theorem_plan(free))


def test_the_files_on_the_page_are_right(tmp_path):
    theorem_text, times, training, numbers = _page_blocks()
    timed = (theorem_text + times).replace('k = "rate"', 'k = "rate"\nc1 = "steps"')
    assert theorem_from_toml(timed).theorem.time("T1").reading == "scaling"
    theorem = theorem_from_toml(theorem_text).theorem
    assert [bound.name for bound in theorem.bounds] == ["D1"]
    source = theorem_from_toml(theorem_text + training)
    cells = training_design(source).cells["decay"]
    assert [(cell.name, cell.role, cell.problem.signal_norm) for cell in cells] == [
        ("fit", Role.CALIBRATION, 2.0),
        ("judge", Role.HELD_OUT, 1.5),
    ]
    read = parse_numbers(tomllib.loads(numbers), theorem)
    assert read.of("slow") == {"N": 100.0, "p": 0.1, "eta": 0.01}
    assert read.roles == {"slow": Role.CALIBRATION, "fast": Role.HELD_OUT}


def _page_blocks():
    page = (Path(__file__).parents[2] / "docs" / "own-theorem.md").read_text(encoding="utf-8")
    return re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
