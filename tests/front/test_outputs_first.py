"""What a command would write over is looked at before anything is computed."""

import importlib
import json

import pytest

from bofcheck.cli.entry import run

VERIFY = ["verify", "--regime", "benign", "--out"]


def refused(args, capsys):
    code = run(args)
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err.startswith("bofcheck: error: ")
    assert err.count("\n") == 1
    return err


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A results folder of this very command, with nothing trained yet."""
    from bofcheck import __version__
    from bofcheck.compare import regime_plan
    from bofcheck.simulate import TrajectoryStore

    settings = regime_plan("benign", "quick", 8).settings
    store = TrajectoryStore(
        tmp_path / "results", {"command": "verify", "bofcheck": __version__, **settings}
    )
    store.prepare()

    def no_training(*args, **rest):
        raise AssertionError("trained before looking at the outputs")

    module = importlib.import_module("bofcheck.compare.verify")
    monkeypatch.setattr(module, "train", no_training)
    return tmp_path / "results"


def test_a_file_where_figures_go(folder, capsys):
    (folder / "figures").write_text("mine")
    assert "figures" in refused([*VERIFY, str(folder)], capsys)
    assert (folder / "figures").read_text() == "mine"


def test_a_folder_where_the_report_goes(folder, capsys):
    (folder / "report.json").mkdir()
    assert "report.json" in refused([*VERIFY, str(folder)], capsys)


@pytest.mark.parametrize("text", ["my own notes", "[1, 2]", json.dumps({"format": "other"})])
def test_a_report_of_somebody_else(folder, capsys, text):
    (folder / "report.json").write_text(text)
    assert "not a bofcheck report" in refused([*VERIFY, str(folder)], capsys)
    assert (folder / "report.json").read_text() == text


def test_nothing_to_export(folder, tmp_path, capsys):
    out = tmp_path / "all.csv"
    err = refused(["export", str(folder), "--to", "csv", "--out", str(out)], capsys)
    assert "no finished cell" in err
    assert not out.exists()


def test_an_engine_that_cannot_store_the_presets_cells(tmp_path, capsys):
    args = [*VERIFY, str(tmp_path / "new"), "--engine", "direct"]
    assert "--preset paper" in refused(args, capsys)
    assert not (tmp_path / "new").exists()
