"""`bofcheck new`: every template runs as it is written, and no file is replaced."""

import runpy
from pathlib import Path

import pytest

import bofcheck as package
from bofcheck.cli.commands.new import KINDS
from bofcheck.simulate.data import get_law
from bofcheck.simulate.models import Model


def test_theorem_and_data_together_give_a_verdict(bofcheck, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert bofcheck("new", "theorem", "mine.toml") == (
        0,
        "mine.toml; next: bofcheck bound mine.toml\n",
        "",
    )
    assert bofcheck("new", "data", "loop.py")[0] == 0
    assert bofcheck("bound", "mine.toml", "--stage", "2")[0] == 0
    template = Path("loop.py").read_text(encoding="utf-8")
    assert "STEPS = 3000" in template
    # a shorter loop, so that the test is light
    Path("loop.py").write_text(template.replace("STEPS = 3000", "STEPS = 300"), encoding="utf-8")
    runpy.run_path("loop.py", run_name="__main__")
    result = package.check("mine.toml", "curves.csv")
    assert [verdict.status.value for verdict in result.verdicts] == ["HOLDS", "HOLDS"]
    with pytest.raises(SystemExit, match="is there already"):
        runpy.run_path("loop.py", run_name="__main__")


def test_the_model_is_checked_and_trained(bofcheck, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert bofcheck("new", "model", "mine.py")[0] == 0
    space = runpy.run_path("mine.py", run_name="__main__")
    assert issubclass(space["MODEL"], Model)
    said = capsys.readouterr().out
    assert "at most 1e-9" in said
    assert "largest" in said
    assert get_law(space["MODEL"].default_data)


def test_the_problem_is_read_and_trained(bofcheck, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert bofcheck("new", "problem", "p.toml")[0] == 0
    code, out, _ = bofcheck("simulate", "p.toml", "--seeds", "1", "--steps", "2", "--out", "r")
    assert code == 0
    assert "train_loss" in out


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_there_is_never_replaced(kind, bofcheck, tmp_path):
    file = tmp_path / f"mine{Path(KINDS[kind][0]).suffix}"
    file.write_text("kept")
    code, out, error = bofcheck("new", kind, str(file))
    assert (code, out, file.read_text()) == (2, "", "kept")
    assert error.count("\n") == 1
    assert "is not replaced" in error


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["theory", "a.toml"], "'theory' is unknown; choose one of theorem, model, problem, data"),
        (["theorem", "a.py"], "a theorem is a .toml file; give a.toml"),
        (["model", "a"], "a model is a .py file; give a.py"),
        (["data", "absent/a.py"], "cannot be written: No such file or directory"),
    ],
)
def test_a_slip_is_one_line(args, said, bofcheck, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, error = bofcheck("new", *args)
    assert (code, out, error.count("\n")) == (2, "", 1)
    assert said in error
    assert list(tmp_path.iterdir()) == []
