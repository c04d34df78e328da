"""Every example's data are those its script makes, and its check says what the table says."""

import importlib.util
import json
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/check.py"))
TABLE = (EXAMPLES / "README.md").read_text(encoding="utf-8")
#: Examples whose data take longer than a second.
LONG = {"logistic_regression", "model_of_your_own", "pytorch_loop", "sgd_least_squares"}
NOTEBOOKS = sorted(EXAMPLES.glob("*/notebook.ipynb"))


def module(name, part):
    """One file of an example, imported under a name of its own."""
    spec = importlib.util.spec_from_file_location(
        f"example_{name}_{part}", EXAMPLES / name / f"{part}.py"
    )
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def test_there_are_six_and_the_table_lists_them():
    assert len(NAMES) == 6
    assert sorted(re.findall(r"^\| \[`(\w+)`\]", TABLE, re.MULTILINE)) == NAMES
    kept = sum(path.stat().st_size for path in EXAMPLES.rglob("*.csv"))
    assert kept < 500_000


@pytest.mark.parametrize("name", NAMES)
def test_an_example_says_what_the_table_says(name, capsys):
    result = module(name, "check").main()
    assert str(result) in capsys.readouterr().out
    (told,) = re.findall(rf"^\| \[`{name}`\].*\| (.*?) \|$", TABLE, re.MULTILINE)
    assert told == result.sentences[-1].partition("): ")[2]
    assert all(verdict.status.value == "HOLDS" for verdict in result.verdicts)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if name in LONG else ()) for name in NAMES],
)
def test_the_data_are_those_that_the_script_makes(name, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    module(name, "make").main(tmp_path)
    (made,) = tmp_path.glob("*.csv")
    again, kept = pd.read_csv(made), pd.read_csv(EXAMPLES / name / made.name)
    assert list(again.columns) == list(kept.columns)
    for column in kept:
        np.testing.assert_allclose(again[column], kept[column], rtol=2e-3, atol=1e-12)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.parent.name)
def test_a_notebook_prints_what_it_keeps(path, tmp_path, monkeypatch, capsys):
    cells = [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    kept = "".join(
        "".join(output["text"])
        for cell in cells
        for output in cell["outputs"]
        if output["output_type"] == "stream"
    )
    assert any(
        "image/png" in output.get("data", {}) for cell in cells for output in cell["outputs"]
    )
    for file in path.parent.iterdir():
        if file.suffix in (".csv", ".toml"):
            (tmp_path / file.name).symlink_to(file)
    monkeypatch.chdir(tmp_path)
    space = {}
    for cell in cells:
        exec("".join(cell["source"]), space)
    assert capsys.readouterr().out == kept


def test_there_are_two_notebooks():
    assert [path.parent.name for path in NOTEBOOKS] == ["logistic_regression", "wandb"]
