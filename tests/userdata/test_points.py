"""Which points of a run count: its own, those with a number, and no others."""

import numpy as np
import pytest

from bofcheck.compare import verify
from bofcheck.compare.errors import CompareError
from bofcheck.compare.userdata import CellNumbers, curves_plan, read_curves
from bofcheck.compare.verdict import Status
from bofcheck.simulate import Problem, TrajectoryStore, open_store, train
from bofcheck.simulate.exports import export
from bofcheck.theory.theorem_file.load import theorem_from_toml

HEAD = 'name = "x"\ntitle = "T"\nsource = "s"\nprovenance = "DERIVED"\n'


def theorem(quantity="loss", excess="1", kind="upper", before="", after=""):
    return theorem_from_toml(
        f'{HEAD}{before}[[stages]]\nname = "all"\n[[stages.bounds]]\nname = "S1"\n'
        f'quantity = "{quantity}"\nkind = "{kind}"\nexcess = "{excess}"\n{after}'
    ).theorem


def curves(folder, rows, header="run,step,loss"):
    path = folder / "c.csv"
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]))
    return read_curves(path)


def verdict_of(made, name="S1"):
    return {one.claim: one for one in made.verdicts}[name]


def test_a_bound_that_is_no_number_decides_nothing(tmp_path):
    rows = [(run, t, 1e9 if t == 100 else 0.1) for run in range(100) for t in (0, 10, 100)]
    numbers = CellNumbers({"a": 50.0})
    one = theorem(excess="sqrt(a - t)", before='[symbols]\na = "x"\n')
    verdict = verdict_of(verify(curves_plan(one, curves(tmp_path, rows), numbers)))
    assert verdict.status is Status.INCONCLUSIVE
    assert "100 cannot be decided" in verdict.reason
    assert "the formula is not a number in data at step 100" in verdict.reason


def test_a_run_that_ended_before_the_deadline_is_undecided_however_long_others_ran(tmp_path):
    cells = {"a": "calibration", "b": "held out"}
    rows = [("a", run, t, 1.0 if t < 40 else 0.0) for run in range(8) for t in (0, 39, 40)]
    rows += [("b", run, t, 1.0) for run in range(30) for t in (0, 50)]  # the deadline is 80
    rows += [("b", 30, t, 1.0 if t < 60 else 0.0) for t in (0, 59, 60, 100)]
    one = theorem(
        before='[constants]\nc = "steps"\n[[events]]\nname = "T1"\nwhen = "loss <= 0.001"\n',
        after='[[times]]\nevent = "T1"\nlaw = "c"\n',
    )
    from bofcheck.compare.cells import Role

    numbers = CellNumbers(roles={name: Role(role) for name, role in cells.items()})
    read = curves(tmp_path, rows, "cell,run,step,loss")
    verdict = verdict_of(verify(curves_plan(one, read, numbers)), "T1")
    assert verdict.status is Status.INCONCLUSIVE
    assert "0 of 31 held-out runs reach T1 late, 30 cannot be decided" in verdict.reason


def test_an_event_does_not_depend_on_when_others_were_measured(tmp_path):
    one = theorem(before='[[events]]\nname = "T1"\nwhen = "loss <= 0.5"\n')
    rows = [(run, t, 1 - t / 100) for run in range(4) for t in (0, 20, 100)]
    alone = verify(curves_plan(one, curves(tmp_path, rows))).studies[0].results[0].events["T1"]
    more = [*rows, *((4, t, 1.0) for t in (0, 33, 49, 51, 100))]
    beside = verify(curves_plan(one, curves(tmp_path, more))).studies[0].results[0].events["T1"]
    np.testing.assert_array_equal(alone, [50.0] * 4)
    np.testing.assert_array_equal(beside, [50.0] * 4 + [np.nan])


def test_a_run_without_any_number_is_counted(tmp_path):
    rows = [(run, t, 0.1 if run < 70 else "") for run in range(170) for t in (0, 1)]
    verdict = verdict_of(verify(curves_plan(theorem(), curves(tmp_path, rows))))
    assert verdict.status is Status.INCONCLUSIVE
    assert "0 of 170 held-out runs exceed the bound, 100 cannot be decided" in verdict.reason


def test_a_column_named_like_a_logged_one_changes_nothing(tmp_path):
    rows = [(run, t, 0.4, -50.0) for run in range(70) for t in (0, 1)]
    path = tmp_path / "c.csv"
    lines = ["run,step,test_error,log_failure_prob", *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines))
    text = f'{HEAD}[[stages]]\nname = "all"\n[[stages.bounds]]\nname = "S1"\n'
    one = theorem_from_toml(f'{text}quantity = "test_error"\nfloor = "p"\nexcess = "0.05"\n')
    made = verify(curves_plan(one.theorem, read_curves(path), CellNumbers({"p": 0.1})))
    assert verdict_of(made).status is Status.VIOLATED


@pytest.mark.parametrize(
    ("late", "status"),
    [((), Status.VACUOUS), ((100,), Status.INCONCLUSIVE)],
)
def test_triviality_is_read_at_a_runs_own_last_point(tmp_path, late, status):
    # beside a run that goes on to step 100 the others ended early
    rows = [(run, t, 0.1) for run in range(100) for t in (0, 1, 2)]
    rows += [(100, t, 0.0) for t in late]
    one = theorem("test_error", "100*exp(-t)")
    read = curves(tmp_path, rows, "run,step,test_error")
    assert verdict_of(verify(curves_plan(one, read))).status is status


def test_an_infinite_bound_and_a_lower_one_fitted_as_nothing_are_vacuous(tmp_path):
    rows = [(run, t, 0.0 if run == 0 else 1.0) for run in range(140) for t in (7, 9)]
    read = curves(tmp_path, rows)
    infinite = verdict_of(verify(curves_plan(theorem(excess="exp(exp(t))"), read)))
    assert infinite.status is Status.VACUOUS
    lower = theorem(excess="c", kind="lower", before='[constants]\nc = "level"\n')
    assert verdict_of(verify(curves_plan(lower, read))).status is Status.VACUOUS


def test_an_event_that_ends_no_stage_may_stand_in_a_bound(tmp_path):
    rows = [(run, t, max(1 - t / 100, 0.2)) for run in range(70) for t in range(0, 201, 10)]
    one = theorem(
        excess="1 + 0*t + (T1 - 50)", before='[[events]]\nname = "T1"\nwhen = "loss <= 0.5"\n'
    )
    assert verdict_of(verify(curves_plan(one, curves(tmp_path, rows)))).status is Status.HOLDS


def test_cells_without_a_quantity_are_undecided_and_the_others_decided(tmp_path):
    rows = [("a", run, t, 0.1, 0.5) for run in range(70) for t in (0, 1)]
    rows += [("b", run, t, 0.1, "") for run in range(70) for t in (0, 1)]
    read = curves(tmp_path, rows, "cell,run,step,loss,acc")
    verdict = verdict_of(verify(curves_plan(theorem("acc"), read)))
    assert verdict.status is Status.INCONCLUSIVE
    assert "0 of 140 held-out runs exceed the bound, 70 cannot be decided" in verdict.reason


def test_an_excess_that_turns_negative_is_said_so(tmp_path):
    rows = [(run, t, 0.1) for run in range(70) for t in (0, 10)]
    one = theorem(excess="C*(5 - t)", before='[constants]\nC = "level"\n')
    reason = verdict_of(verify(curves_plan(one, curves(tmp_path, rows)))).reason
    assert "the excess is negative at some calibration point" in reason


@pytest.mark.parametrize("kind", ["csv", "netcdf"])
def test_what_is_exported_reads_back_diverged_runs_marked(tmp_path, kind):
    if kind == "netcdf":
        pytest.importorskip("h5netcdf")
    problem = Problem(n_samples=4, dim=100, test_tokens=4, learning_rate=0.1)
    store = TrajectoryStore(tmp_path / "s", {})
    made = train(problem, seeds=3, steps=20, log_at="every:5")
    made.diverged_at[1] = 10
    for values in made.quantities.values():
        values[1, 2:] = np.nan
    store.save("one", made)
    store.save("shorter", train(problem, seeds=2, steps=10, log_at="every:5"))
    path = tmp_path / f"out.{'csv' if kind == 'csv' else 'nc'}"
    export(open_store(tmp_path / "s"), kind, path)
    read = read_curves(path, {"test_loss", "train_loss"})
    assert {name: one.diverged.tolist() for name, one in read.items()} == {
        "one": [False, True, False], "shorter": [False, False],
    }  # fmt: skip
    for name, one in read.items():
        known = open_store(tmp_path / "s").read(name)
        shown = one["test_loss"][0][np.isfinite(one["test_loss"][0])]
        np.testing.assert_array_equal(shown, known["test_loss"][0])


def test_a_gap_in_netcdf_marks_its_run_and_padding_does_not(tmp_path):
    pytest.importorskip("h5netcdf")
    import xarray as xr

    loss = np.full((3, 4), 0.1)
    loss[1, 2:] = np.nan  # run 1 has no number where others have one
    loss[:, 3] = np.nan  # nobody has one
    data = xr.Dataset({"loss": (("run", "step"), loss)}, {"run": [0, 1, 2], "step": [0, 1, 2, 3]})
    data.to_netcdf(tmp_path / "c.nc", engine="h5netcdf")
    read = read_curves(tmp_path / "c.nc")["data"]
    assert read.diverged.tolist() == [False, True, False]
    for steps, said in ((["a", "b", "c", "d"], "not numbers"), ([0, 1, -2, 3], "at least 0")):
        data.assign_coords(step=steps).to_netcdf(tmp_path / "d.nc", engine="h5netcdf")
        with pytest.raises(CompareError, match=said):
            read_curves(tmp_path / "d.nc")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("run,step,loss\n0,1,1_0\n", "loss = '1_0': is not a number"),
        ("run,step,loss\n0,1,１０\n", "is not a number"),
        ('run,step,loss\n0,1,"0,5"\n', "decimals are written 0.5"),
        ("run,step,loss\n0,1,\n", "holds no number of loss; it has loss"),
        ("run,step,accuracy\n0,1,0.5\n", "has no column loss; it has run, step, accuracy"),
        ("run,step,quantity,value\n0,1,acc,0.5\n", "holds no number of loss; it has acc"),
    ],
)
def test_files_that_are_nearly_right_get_a_hint(tmp_path, text, said):
    (tmp_path / "c.csv").write_text(text, encoding="utf-8")
    with pytest.raises(CompareError, match=said):
        read_curves(tmp_path / "c.csv", {"loss"})


def test_blank_lines_are_passed_over_and_the_regimes_assumptions_need_numbers(tmp_path):
    (tmp_path / "c.csv").write_text("run,step,loss\n0,0,0.5\n  \n0,1,0.4\n \n")
    read = read_curves(tmp_path / "c.csv")
    np.testing.assert_array_equal(read["data"]["loss"], [[0.5, 0.4]])
    text = f'{HEAD}regime = "benign"\n[[stages]]\nname = "all"\n[[stages.bounds]]\n'
    one = theorem_from_toml(f'{text}name = "S1"\nquantity = "loss"\nexcess = "1"\n').theorem
    with pytest.raises(CompareError, match=r"no number for N, d, .*, which Assumption 4.1 needs"):
        verify(curves_plan(one, read))
