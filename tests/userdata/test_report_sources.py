"""A report names the files it was made from, and is not replaced by a report on others."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from theorem_files import GOOD, write_curves

from bofcheck.cli.entry import run
from bofcheck.compare.report.folder import tables
from bofcheck.compare.report.sources import check_replaceable, file_record

FOLDER = Path("results/verify-decay-curves")


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(GOOD)
    for rank, place in enumerate(("x", "y")):
        Path(place).mkdir()
        write_curves(Path(place, "curves.csv"), 40, seed=rank)

    def call(*args):
        capsys.readouterr()
        code = run([str(arg) for arg in args])
        return code, capsys.readouterr().err

    return call


def verify(command, data, *more, theorem="mine.toml"):
    return command(
        "verify", "--theorem", theorem, "--data", data, "--fail-on", "never", "-q", *more
    )


def settings(folder=FOLDER):
    return json.loads((folder / "report.json").read_bytes())["provenance"]["settings"]


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(outcome, *words):
    code, err = outcome
    assert code == 2
    assert err.startswith("bofcheck: error: ")
    assert err.count("\n") == 1
    for word in (*words, "choose another --out"):
        assert word in err


def test_path_and_checksum_of_every_file_are_kept_and_shown(command, tmp_path):
    Path("numbers.toml").write_text("n = 400\neta = 0.1\np = 0.1\n")
    assert verify(command, "x/curves.csv", "--problem", "numbers.toml") == (0, "")
    page = (FOLDER / "report.html").read_text("utf-8")
    kept = settings()
    assert kept["data"] == "curves.csv"
    files = {"theorem": "mine.toml", "data": "x/curves.csv", "problem": "numbers.toml"}
    assert kept["files"].keys() == files.keys()
    for role, name in files.items():
        checksum = hashlib.sha256(Path(name).read_bytes()).hexdigest()
        assert kept["files"][role] == {"path": str(tmp_path / name), "sha256": checksum}
        assert checksum in page
        assert str(tmp_path / name) in page
    assert "{&#39;" not in page


def test_other_data_of_the_same_name_is_refused_and_the_same_data_is_not(command, tmp_path):
    assert verify(command, "x/curves.csv")[0] == 0
    before = contents(FOLDER)
    for data in ("y/curves.csv", tmp_path / "y" / "curves.csv"):
        refused(verify(command, data), str(FOLDER), "x/curves.csv", "y/curves.csv")
    assert contents(FOLDER) == before
    assert verify(command, "y/curves.csv", "--out", "mine") == (0, "")
    refused(verify(command, "x/curves.csv", "--out", "mine"), "mine", "y/curves.csv")
    for data in ("x/curves.csv", tmp_path / "x" / "curves.csv"):
        assert verify(command, data) == (0, "")
    assert contents(FOLDER) == before
    shutil.copytree("x", "copy")  # the same content elsewhere is the same data
    assert verify(command, "copy/curves.csv") == (0, "")


def test_an_edited_file_replaces_its_own_report(command):
    assert verify(command, "x/curves.csv")[0] == 0
    first = settings()["files"]
    write_curves(Path("x/curves.csv"), 44, seed=5)
    Path("mine.toml").write_text(GOOD.replace("my notes", "my newer notes"))
    assert verify(command, "x/curves.csv") == (0, "")
    second = settings()["files"]
    for role in ("data", "theorem"):
        assert first[role]["path"] == second[role]["path"]
        assert first[role]["sha256"] != second[role]["sha256"]


def test_another_theorem_or_another_file_of_it_is_refused(command):
    assert verify(command, "x/curves.csv", "--out", "out")[0] == 0
    before = contents(Path("out"))
    Path("other.toml").write_text(GOOD.replace('name = "decay"\ntitle', 'name = "other"\ntitle'))
    Path("same-name.toml").write_text(GOOD.replace("my notes", "other notes"))
    Path("numbers.toml").write_text("n = 400\neta = 0.1\np = 0.1\n")
    Path("more.toml").write_text("n = 500\neta = 0.1\np = 0.1\n")
    data = ("x/curves.csv", "--out", "out")
    refused(verify(command, *data, theorem="other.toml"), "theorem decay, not on other")
    refused(verify(command, *data, theorem="same-name.toml"), "mine.toml", "same-name.toml")
    assert contents(Path("out")) == before
    assert verify(command, *data, "--problem", "numbers.toml") == (0, "")
    refused(verify(command, *data, "--problem", "more.toml"), "numbers.toml", "more.toml")


@pytest.fixture
def one_figure(monkeypatch):
    """Only the figure of each bound in a cell is drawn."""
    monkeypatch.setattr("bofcheck.compare.figures.study_figures.verdict_drawings", dict)


def test_figures_that_the_earlier_report_alone_lists_are_removed(command, one_figure):
    assert verify(command, "x/curves.csv", "--out", "out")[0] == 0
    out = Path("out")
    old = {path for path in contents(out) if "decay-D1" in path.name}
    assert len(old) == 3
    (out / "figures" / "notes.txt").write_text("mine")
    (out / "mine.txt").write_text("mine")
    report = json.loads((out / "report.json").read_bytes())
    report["figures"][0]["files"] += ["figures/../mine.txt", "/etc/hostname", "mine.txt", "tables"]
    (out / "report.json").write_text(json.dumps(report))
    Path("mine.toml").write_text(GOOD.replace('"D1"', '"D2"'))
    assert verify(command, "x/curves.csv", "--out", "out")[0] == 0
    assert not any(path.exists() for path in old)
    assert (out / "figures" / "decay-D2.png").is_file()
    assert (out / "figures" / "notes.txt").is_file()
    assert (out / "mine.txt").is_file()


def test_plot_draws_only_the_figures_of_the_report(command, capsys, one_figure):
    assert verify(command, "x/curves.csv", "--out", "out")[0] == 0
    shutil.copy("out/tables/decay-D1.csv", "out/tables/old-D1.csv")  # by an earlier version
    assert tables("out") == ["decay-D1"]
    assert run(["plot", "out", "--dpi", "50", "--out", "drawn"]) == 0
    assert [path.name for path in Path("drawn").iterdir()] == ["decay-D1.png"]
    code, err = command("plot", "out", "--figure", "old-D1")
    assert code == 2
    assert "choose from decay-D1" in err
    Path("out/report.json").unlink()  # without a report every table counts
    assert tables("out") == ["decay-D1", "old-D1"]


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ({"theorem": "decay", "data": "curves.csv"}, ""),
        ({"theorem": "decay", "data": "others.csv"}, "made from others.csv, not from curves.csv"),
        ({"theorem": "decay", "preset": "quick"}, "made from trained cells, not from curves.csv"),
        ({"theorem": "decay", "data": "curves.csv", "files": "many"}, ""),
        ({"regime": "both"}, "on the paper's claims, not on decay"),
    ],
)
def test_reports_of_earlier_versions_kept_names_only(tmp_path, before, words):
    (tmp_path / "curves.csv").write_text("run,step")
    (tmp_path / "report.json").write_text(json.dumps({"provenance": {"settings": before}}))
    after = {"theorem": "decay", "data": "curves.csv"}
    after["files"] = file_record({"data": tmp_path / "curves.csv"})
    if not words:
        check_replaceable(tmp_path, after)
        return
    with pytest.raises(ValueError, match=words):
        check_replaceable(tmp_path, after)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"provenance": {"settings": []}}', "\x80"])
def test_what_is_not_a_report_says_nothing_on_its_files(tmp_path, text):
    (tmp_path / "report.json").write_text(text)
    check_replaceable(tmp_path, {"theorem": "decay"})
    assert tables(tmp_path) == []
