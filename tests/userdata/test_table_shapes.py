"""The same curves in every shape that people have them in give the same numbers, or a way out."""

import gzip
import json

import numpy as np
import pandas as pd
import pytest
from curve_files import decaying

from bofcheck.compare import CompareError
from bofcheck.compare.userdata import read_curves, read_data
from bofcheck.theory.theorem_file.load import theorem_from_toml

FRAME = pd.DataFrame(decaying(runs=3), columns=["cell", "run", "step", "train_loss"])
ONE = FRAME[FRAME.cell == "a"]
TWO_NUMBERS = """
name = "mine"
title = "mine"
source = "my notes"
provenance = "DERIVED"
model = "a model of mine"
symbols = { gamma = "margin" }
constants = { C = "start" }
[[stages]]
name = "all"
[[stages.bounds]]
name = "X1"
quantity = "train_loss"
excess = "C*exp(-gamma*eta*t)"
"""
MINE = theorem_from_toml(TWO_NUMBERS).theorem


def pivot(path):
    FRAME.pivot(index="step", columns=["cell", "run"], values="train_loss").to_csv(path)


def flat(path, name):
    table = FRAME.pivot(index="step", columns=["cell", "run"], values="train_loss")
    table.columns = [name.format(cell, run) for cell, run in table.columns]
    table.reset_index().to_csv(path, index=False)


def wandb(path):
    table = FRAME.pivot(index="step", columns=["cell", "run"], values="train_loss")
    columns = {f"{c}-s{r} - train/loss{end}": table[c, r] for c, r in table.columns
               for end in ("", "__MIN", "__MAX")}  # fmt: skip
    pd.DataFrame(columns).rename_axis("Step").reset_index().to_csv(path, index=False)


def german(path):
    FRAME.to_csv(path, index=False, sep=";", decimal=",")


def metrics(path):
    FRAME.melt(["cell", "run", "step"], var_name="metric").to_csv(path, index=False)


def lines(path):
    FRAME.to_json(path, orient="records", lines=True, double_precision=15)


WRITTEN = {
    "plain": ("c.csv", lambda path: FRAME.to_csv(path, index=False)),
    "with an index": ("c.csv", FRAME.to_csv),
    "capitals": (
        "c.csv",
        lambda path: FRAME.rename(columns={"step": "Step", "run": "Seed"}).to_csv(path),
    ),
    "iteration and slash": (
        "c.csv",
        lambda path: FRAME.rename(columns={"step": "iteration", "train_loss": "train/loss"}).to_csv(
            path
        ),
    ),
    "loss": ("c.csv", lambda path: FRAME.rename(columns={"train_loss": "loss"}).to_csv(path)),
    "metric": ("c.csv", metrics),
    "pivot": ("c.csv", pivot),
    "a column a seed": ("c.csv", lambda path: flat(path, "{}_seed{}")),
    "the quantity in the name": ("c.csv", lambda path: flat(path, "train_loss_{}-run{}")),
    "wandb": ("c.csv", wandb),
    "tabs": ("c.tsv", lambda path: FRAME.to_csv(path, index=False, sep="\t")),
    "semicolons": ("c.csv", german),
    "gzip": ("c.csv.gz", lambda path: FRAME.to_csv(path, index=False)),
    "json lines": ("c.jsonl", lines),
}


def same(found, exact=True):
    assert sorted(found) == ["a", "b"]
    for cell, curves in found.items():
        table = FRAME[FRAME.cell == cell].pivot(index="run", columns="step", values="train_loss")
        assert curves.seeds.tolist() == ["0", "1", "2"]
        np.testing.assert_array_equal(curves.steps, table.columns)
        np.testing.assert_allclose(curves["train_loss"], table, rtol=0 if exact else 1e-12)
        assert not curves.diverged.any()


@pytest.mark.parametrize(("name", "write"), WRITTEN.values(), ids=WRITTEN.keys())
def test_every_written_shape_gives_the_same_curves(tmp_path, name, write):
    write(tmp_path / name)
    same(read_curves(tmp_path / name, ["train_loss"]), exact=name != "c.jsonl")


def test_parquet_gives_the_same_curves(tmp_path):
    pytest.importorskip("pyarrow")
    FRAME.to_parquet(tmp_path / "c.parquet")
    same(read_curves(tmp_path / "c.parquet", ["train_loss"]))
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 or not")
    with pytest.raises(CompareError, match=r"bad.parquet: is not a Parquet file"):
        read_curves(tmp_path / "bad.parquet", ["train_loss"])


def test_what_is_in_memory_gives_the_same_curves():
    wide = FRAME.pivot(index="step", columns=["cell", "run"], values="train_loss")
    data = FRAME.set_index(["cell", "run", "step"]).to_xarray()
    for source in (FRAME, FRAME.set_index(["run", "step"]), wide, data):
        same(read_curves(source, ["train_loss"]))
    same(read_curves({name: FRAME[name].to_numpy() for name in FRAME}, ["train_loss"]))
    arrays = {"steps": data.step.values, "cell": data.cell.values, "run": data.run.values}
    same(read_curves({**arrays, "train_loss": data.train_loss.values}, ["train_loss"]))


def test_npz_and_netcdf_3_give_the_same_curves(tmp_path):
    data = FRAME.set_index(["cell", "run", "step"]).to_xarray()
    arrays = {str(name): values.values for name, values in data.variables.items()}
    np.savez(tmp_path / "c.npz", **{**arrays, "cell": arrays["cell"].astype(str)})
    same(read_curves(tmp_path / "c.npz", ["train_loss"]))
    data.assign_coords(cell=["a", "b"]).to_netcdf(tmp_path / "c.nc", engine="scipy")
    assert (tmp_path / "c.nc").read_bytes()[:3] == b"CDF"
    same(read_curves(tmp_path / "c.nc", ["train_loss"]))
    np.savez(tmp_path / "bare.npz", train_loss=arrays["train_loss"])
    with pytest.raises(CompareError, match="needs an array step"):
        read_curves(tmp_path / "bare.npz")
    np.savez(tmp_path / "turned.npz", train_loss=arrays["train_loss"][0].T, step=arrays["step"])
    with pytest.raises(CompareError, match=r"there are 10 of step; transpose it"):
        read_curves(tmp_path / "turned.npz")


def a_run_a_file(folder, write):
    for (cell, run), part in FRAME.groupby(["cell", "run"]):
        write(folder, f"{cell}-seed{run}", part)
    return folder


def tensorboard(folder, name, part):
    table = pd.DataFrame({"Wall time": 1.7e9 + part.step, "Step": part.step,
                          "Value": part.train_loss})  # fmt: skip
    table.to_csv(folder / f"run-{name}-tag-train_loss.csv", index=False)


def lightning(folder, name, part):
    (folder / name / "version_0").mkdir(parents=True)
    table = pd.DataFrame({"epoch": 0, "step": part.step, "train_loss": part.train_loss})
    table.to_csv(folder / name / "metrics.csv", index=False)


def trainer(folder, name, part):
    history = [{"loss": loss, "step": step, "epoch": step / 9}
               for loss, step in zip(part.train_loss, part.step, strict=True)]  # fmt: skip
    last = int(part.step.max())
    history.append({"eval_loss": 0.3, "step": last})
    history.append({"train_loss": 0.9, "train_runtime": 3.0, "step": last})
    for checkpoint in ("checkpoint-90", f"checkpoint-{last}"):
        (folder / name / checkpoint).mkdir(parents=True)
        kept = history if checkpoint != "checkpoint-90" else history[:2]
        text = json.dumps({"log_history": kept})
        (folder / name / checkpoint / "trainer_state.json").write_text(text)


def mlflow(folder, name, part):
    run = folder / "0" / f"id{name}"
    (run / "metrics" / "train").mkdir(parents=True)
    (run / "params").mkdir()
    (run / "meta.yaml").write_text(f"artifact_uri: x\nrun_name: {name}\n")
    rows = zip(part.train_loss, part.step, strict=True)
    text = "".join(f"1700000000000 {loss!r} {step}\n" for loss, step in rows)
    (run / "metrics" / "train" / "loss").write_text(
        text.replace("np.float64(", "").replace(")", "")
    )
    (run / "params" / "eta").write_text("0.1" if name[0] == "a" else "0.2")


@pytest.mark.parametrize("write", [tensorboard, lightning, trainer, mlflow])
def test_a_folder_with_a_run_a_file_gives_the_same_curves(tmp_path, write):
    found = read_curves(a_run_a_file(tmp_path, write), ["train_loss"])
    same(found)
    if write is mlflow:
        assert read_data(tmp_path, MINE).numbers.of("b") == {"eta": 0.2}
    else:
        assert found["a"].provenance["notes"][0].startswith("6 files: read as ")


def test_numbers_of_cells_may_be_columns_and_tell_cells_apart(tmp_path):
    frame = FRAME.assign(gamma=np.where(FRAME.cell == "a", 0.5, 1), lr=0.1)
    read = read_data(frame.drop(columns="cell"), MINE)
    assert sorted(read.curves) == ["gamma=0.5, eta=0.1", "gamma=1, eta=0.1"]
    assert read.numbers.of("gamma=1, eta=0.1") == {"gamma": 1.0, "eta": 0.1}
    assert "cells by gamma, eta" in read.curves["gamma=1, eta=0.1"].provenance["notes"][0]
    assert read_data(frame, MINE).numbers.of("a") == {"gamma": 0.5, "eta": 0.1}
    data = frame.drop(columns=["cell", "lr"]).set_index(["gamma", "run", "step"]).to_xarray()
    assert read_data(data.assign_coords(eta=0.1), MINE).numbers.of("gamma=0.5") == {
        "gamma": 0.5, "eta": 0.1
    }  # fmt: skip
    frame.loc[7, "gamma"] = 3
    path = tmp_path / "c.csv"
    frame.to_csv(path, index=False)
    with pytest.raises(CompareError, match=r"c.csv: line 9: gamma = 3.0, but cell a has 0.5 above"):
        read_data(path, MINE)


def test_columns_say_what_is_not_recognised(tmp_path):
    path = tmp_path / "c.csv"
    names = {"step": "wann", "run": "Lauf", "cell": "Fall", "train_loss": "Verlust"}
    FRAME.rename(columns=names).to_csv(path, index=False)
    same(read_curves(path, ["train_loss"], names))
    with pytest.raises(CompareError, match="or say which is which: --columns run=NAME"):
        read_curves(path, ["train_loss"])
    wrong = {**names, "step": "wan"}
    with pytest.raises(CompareError, match=r"step=wan: no such column; did you mean wann\?"):
        read_curves(path, ["train_loss"], wrong)
    ONE.pivot(index="step", columns="run", values="train_loss").to_csv(path)
    two = read_curves(path, ["train_loss", "test_error"], {"quantity": "train_loss"})
    assert two["data"]["train_loss"].shape == (3, 10)
    with pytest.raises(CompareError, match="column 0 is a run, but of which quantity"):
        read_curves(path, ["train_loss", "test_error"])


REFUSED = {
    "two columns for one quantity": (
        "run,step,Train_Loss,train/loss\n1,0,1,1\n", "may be Train_Loss or train/loss; say which"),
    "mixed decimals": ("run;step;train_loss\n1;0;0,5\n1;1;0.4\n", "line 3: 0.4: other numbers ha"),
    "counter began again": ("Step,seed_0\n0,.5\n10,.4\n20,.3\n0,.2\n10,.2\n", "line 5: .* twice"),
    "goes back": ("Step,seed_0\n0,.5\n10,.4\n20,.3\n5,.2\n15,.2\n", "line 5: .*from step 20 to st"),
    "negative loss": ("Step,a - train_loss\n0,-1\n", "line 2: cell data, run a, step 0: train_los"),
    "no number": ("Step,a - train_loss\n0,low\n", "line 2: train_loss = 'low': is not a number"),
    "an empty number of a cell": ("seed,step,eta,train_loss\n0,0,,1\n", "cell must not be empty"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_new_shapes_are_as_strict_as_the_old_ones(tmp_path, text, message):
    path = tmp_path / "c.csv"
    path.write_text(text)
    with pytest.raises(CompareError, match=message) as caught:
        read_data(path, MINE)
    assert "\n" not in str(caught.value)


def test_nan_is_a_divergence_where_other_runs_have_numbers(tmp_path):
    frame = ONE.copy()
    frame.loc[frame.step == 50, "train_loss"] = np.nan  # no run has a number there
    assert not read_curves(frame, ["train_loss"])["a"].diverged.any()
    frame.loc[(frame.run == 1) & (frame.step == 450), "train_loss"] = np.nan
    curves = read_curves(frame, ["train_loss"])["a"]
    assert curves.diverged.tolist() == [False, True, False]
    assert "from row 20 on; drop these rows" in curves.provenance["gaps"]
    path = tmp_path / "w.csv"
    path.write_text("Step,a - train_loss,b - train_loss\n0,.5,.5\n9,NaN,\n")
    assert read_curves(path, ["train_loss"])["data"].diverged.tolist() == [True, False]


def test_damaged_and_foreign_files_are_refused_in_one_line(tmp_path):
    (tmp_path / "c.csv.gz").write_bytes(gzip.compress(b"run,step,train_loss\n" * 99)[:-9])
    (tmp_path / "c.jsonl").write_text('{"run": 1}\n[3]\n')
    (tmp_path / "c.json").write_text('{"a": 1}')
    (tmp_path / "empty").mkdir()
    cases = {"c.csv.gz": "gzip", "c.jsonl": "line 2: must be a record", "c.json": "no log_history",
             "empty": "holds no curves"}  # fmt: skip
    for name, message in cases.items():
        with pytest.raises(CompareError, match=message):
            read_curves(tmp_path / name, ["train_loss"])
    with pytest.raises(CompareError, match="data: a int cannot be read; give a path"):
        read_curves(3)
