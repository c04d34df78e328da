"""Values that a quantity or a symbol cannot have are refused, in files and in Python alike."""

import numpy as np
import pytest
from curve_files import command_on, decaying, write_rows

from bofcheck.compare import CompareError, verify
from bofcheck.compare.userdata import CellNumbers, Measured, curves_plan, read_curves
from bofcheck.simulate import Problem, ProblemError, SimulationError, Trajectory, train
from bofcheck.theory import get_theorem

BAD = [
    ("test_error", "50.0", "test_error = 50 is above 1; percent? divide by 100"),
    ("test_error", "1.5", "is above 1; percent"),
    ("test_error", "-1", "is below 0; -1 for a run that failed? leave the field empty"),
    ("test_error", "-0.2", "is below 0"),
    ("test_error", "101", "is above 1"),
    ("test_error", "inf", "is above 1; nan marks a run that diverged"),
    ("test_error_drawn", "2", "is above 1"),
    ("attention_test", "1.01", "is above 1"),
    ("attention_clean", "-0.01", "is below 0"),
    ("fitted", "95", "is above 1; percent"),
    ("train_loss", "-0.3", "is below 0; train_loss is at least 0; rename the column"),
    ("train_loss", "-1", "is below 0; -1 for a run that failed"),
    ("test_loss", "-inf", "is below 0"),
]
GOOD = [("test_error", "1.0000001"), ("test_error", "-1e-9"), ("train_loss", "1e9"), ("mine", "-5"),
        ("train_loss", "inf"), ("log_failure_prob", "-900"), ("v_plus", "-3")]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "message"), BAD)
@pytest.mark.parametrize("form", ["wide", "long", "netcdf", "python"])
def test_what_a_quantity_cannot_be_is_refused_with_its_place(tmp_path, name, text, message, form):
    path = tmp_path / ("c.nc" if form == "netcdf" else "c.csv")
    values = np.array([[0.5, 0.4], [0.3, float(text)]])
    place = "c.csv: line 5: cell data, run b, step 10: "
    if form == "wide":
        path.write_text(f"run,step,{name}\na,0,0.5\na,10,0.4\nb,0,0.3\nb,10,{text}\n")
    elif form == "long":
        path.write_text(
            f"run,step,quantity,value\na,0,{name},.5\na,9,{name},.4\nb,0,{name},.3\nb,10,{name},{text}\n"
        )
    elif form == "netcdf":
        xr, place = pytest.importorskip("xarray"), "c.nc: cell data, run b, step 10: "
        pytest.importorskip("h5netcdf")
        data = xr.Dataset({name: (("run", "step"), values)}, {"run": ["a", "b"], "step": [0, 10]})
        data.to_netcdf(path, engine="h5netcdf")
    if form == "python":
        place = "run b, step 10: "
        with pytest.raises(CompareError) as caught:
            Measured(np.array([0, 10]), np.array(["a", "b"]), {name: values}, np.zeros(2, bool))
    else:
        with pytest.raises(CompareError) as caught:
            read_curves(path)
    assert place in str(caught.value)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "text"), GOOD)
def test_what_a_quantity_can_be_is_read(tmp_path, name, text):
    (tmp_path / "c.csv").write_text(f"run,step,{name}\na,0,0.5\na,10,{text}\n")
    curves = read_curves(tmp_path / "c.csv")["data"]
    assert curves[name][0, 1] == float(text)
    assert curves.diverged.tolist() == [text == "inf"]


def test_a_column_that_is_not_needed_may_hold_anything(tmp_path):
    (tmp_path / "c.csv").write_text("run,step,test_error,train_loss\na,0,50,0.5\n")
    assert read_curves(tmp_path / "c.csv", ["train_loss"])["data"]["train_loss"][0, 0] == 0.5


def test_the_command_refuses_with_code_2_and_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rows = [(c, r, t, -1 if r > 60 else x) for c, r, t, x in decaying()]
    code, err, _ = command_on(write_rows("c.csv", rows), capsys)
    assert code == 2
    assert "c.csv: line 612: cell a, run 61, step 0: train_loss = -1 is below 0" in err
    assert "Traceback" not in err


NOT_NUMBERS = [
    np.array([[1 + 2j, 0.5]]), np.array([["0.5", "0.4"]]), np.array([[True, False]]),
    np.array([[0.5, None]], dtype=object), np.array([["2020", "2021"]], dtype="datetime64[Y]"),
]  # fmt: skip


@pytest.mark.parametrize("values", NOT_NUMBERS, ids=lambda values: str(values.dtype))
def test_arrays_that_are_not_real_numbers_are_refused(values):
    with pytest.raises(CompareError, match=r"train_loss: holds .*, not real numbers"):
        Measured(np.array([0, 1]), np.array(["a"]), {"train_loss": values}, np.zeros(1, bool))
    with pytest.raises(CompareError, match=r"steps: holds .*, not real numbers"):
        Measured(values[0], np.array(["a"]), {"train_loss": np.zeros((1, 2))}, np.zeros(1, bool))
    trained = train(Problem(n_samples=4, dim=100), seeds=1, steps=1)
    parts = {name: getattr(trained, name) for name in Trajectory.__dataclass_fields__}
    with pytest.raises(SimulationError, match=r"train_loss: holds .*, not real numbers"):
        Trajectory(**{**parts, "quantities": {"train_loss": values}})
    with pytest.raises(SimulationError, match=r"train_loss: has shape \(3, 2\); 1 runs at 2 steps"):
        Trajectory(**{**parts, "quantities": {"train_loss": np.zeros((3, 2))}})


MISFITS = [
    ({"steps": [0.0, -1.0]}, "steps: -1: must be at least 0"),
    ({"steps": [0.0, np.nan]}, "steps: nan: must be at least 0"),
    ({"steps": [10.0, 0.0]}, "steps: must be in order, each once"),
    ({"steps": [0.0, 0.0]}, "steps: must be in order, each once"),
    ({"steps": [0.0, 1.0, 2.0]}, r"x: has shape \(2, 2\); 2 runs at 3 steps need \(2, 3\)"),
    ({"seeds": ["3", "3.0"]}, "seeds: run 3 is given twice"),
    ({"diverged": [0, 1]}, "diverged: must be 2 of True or False"),
    ({"diverged": [False]}, "diverged: must be 2 of True or False"),
    ({"quantities": {"x": [[np.inf, 0], [0, 0]]}}, "x = inf; a run with such a value has diverged"),
]


@pytest.mark.parametrize(("change", "message"), MISFITS)
def test_arrays_that_do_not_fit_together_are_refused(change, message):
    parts = {"steps": [0.0, 1.0], "seeds": ["a", "b"], "quantities": {"x": np.zeros((2, 2))},
             "diverged": [False, True]}  # fmt: skip
    assert Measured(**parts)["x"].dtype == float
    with pytest.raises(CompareError, match=message):
        Measured(**{**parts, **change})


@pytest.mark.parametrize(
    ("name", "value"),
    [("eta", -0.1), ("eta", 0), ("eta", 1j), ("eta", "0.1"), ("eta", True), ("eta", np.nan),
     ("eta", np.inf), ("p", 0.5), ("p", -0.1), ("p", 0.7), ("sigma_p", -1.0), ("N", None)],
)  # fmt: skip
def test_numbers_of_symbols_are_checked_in_python_too(name, value):
    for numbers in ({name: value},), ({}, {"a": {name: value}}):
        with pytest.raises(CompareError, match=rf"{name} = .*: must be a number"):
            CellNumbers(*numbers)
    field = {"eta": "learning_rate", "p": "flip_prob", "sigma_p": "noise_std", "N": "n_samples"}
    with pytest.raises(ProblemError, match=field[name]):
        Problem(**{field[name]: value})


def test_numbers_of_numpy_are_numbers():
    numbers = CellNumbers({"N": np.int64(20), "mu": np.float32(1), "sigma_p": 0.1, "d": 100})
    steps, loss = (
        np.arange(3.0),
        {"train_loss": np.full((8, 3), 0.5), "test_error": np.zeros((8, 3))},
    )
    curves = {"x": Measured(steps, np.arange(8), loss, np.zeros(8, bool))}
    whole = CellNumbers({**numbers.shared, "p": 0.1, "epsilon": 0.1, "m": 10, "eta": 0.1,
                         "q": 1, "sigma_0": 0.01})  # fmt: skip
    assert verify(curves_plan(get_theorem("kou2023"), curves, whole)).verdicts
