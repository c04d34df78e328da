"""`bofcheck verify --theorem` and `bofcheck bound` with user-supplied theorems."""

import importlib
import json
import re
from pathlib import Path

import pytest
from theorem_files import GOOD, write_curves

from bofcheck.cli.entry import run
from bofcheck.compare import report as reports

TRAINING = """
[training]
seeds = 4
steps = 60
log = "geometric:12"
[training.problem]
n_samples = 6
dim = 1000
key_dim = 32
noise_std = 0.03
learning_rate = 0.3
target_loss = 0.5
test_tokens = 8
[[training.cells]]
name = "fit"
role = "calibration"
problem = { signal_norm = 2.0 }
[[training.cells]]
name = "fit-2"
role = "calibration"
problem = { signal_norm = 2.5 }
[[training.cells]]
name = "judge"
role = "held out"
problem = { signal_norm = 1.8 }
"""


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(GOOD)
    trained = (
        GOOD.replace('\nn = "samples of mine"', "").replace('"1/n"', '""').replace("n*eta", "N*eta")
    )
    trained = trained[: trained.index("[problem]")] + TRAINING
    Path("trained.toml").write_text(trained)
    Path("numbers.toml").write_text("n = 400\neta = 0.1\np = 0.1\n")
    Path("tuned.py").write_text(
        "from dataclasses import replace\nfrom bofcheck.theory import benign\n"
        f"THEOREM = replace(benign, name='tuned', title='Tuned')\nTRAINING = {_training()!r}\n"
    )

    def call(*args):
        capsys.readouterr()
        code = run([str(arg) for arg in args])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def _training():
    import tomllib

    return tomllib.loads(TRAINING)["training"]


def test_on_curves_of_ones_own(command):
    write_curves("curves.csv")
    code, out, err = command("verify", "--theorem", "mine.toml", "--data", "curves.csv")
    assert (code, err) == (0, "")
    folder = Path("results/verify-decay-curves")
    text = " ".join(out.split())
    assert "the runs of the only cell in turn, the first calibrates" in text
    assert "only-calibration (80 runs)" in text
    assert "HOLDS" in out
    report = reports.read(folder)
    assert report.counts["HOLDS"] == 2
    settings = report.provenance.settings
    assert settings["split"] == "the runs of the only cell in turn, the first calibrates"
    assert [claim.id for claim in report.claims] == ["D1", "T1"]
    assert "<math" in report.claims[0].formulas[0].mathml
    assert {one.stem for one in (folder / "figures").iterdir()} == {
        "decay-D1", "decay-D1-room", "decay-measured", "decay-powers", "decay-times",
    }  # fmt: skip
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "The statements of Exponential decay, decided on curves from curves.csv" in page
    shown = page[page.index("<main") : page.index('id="provenance"')]
    assert "Assumption 4.1" not in shown
    assert "arXiv 2502.12508" not in shown
    # the numbers of --problem go before the file's; a violated bound exits with 1
    write_curves("late.csv", late=0.4)
    args = ("verify", "--theorem", "mine.toml", "--data", "late.csv", "--problem", "numbers.toml")
    code, out, _ = command(*args, "--json", "--out", "late")
    assert code == 1
    assert json.loads(out)["claims"][0]["verdict"] == "VIOLATED"
    assert command(*args, "--quiet", "--fail-on", "never")[:2] == (0, "")


def test_on_cells_of_its_own_and_again_without_training(command):
    args = ("verify", "--theorem", "trained.toml", "--fail-on", "never")
    code, _, err = command(*args)
    assert code == 0, err
    folder = Path("results/verify-decay")
    first = json.loads((folder / "report.json").read_text())
    assert [one["name"] for one in first["cells"]] == ["fit", "fit-2", "judge"]
    assert first["provenance"]["settings"]["split"] == "fixed with the cells"
    shards = {path: path.stat().st_mtime_ns for path in folder.rglob("*.npz")}
    assert shards
    code, out, _ = command(*args, "--json")
    assert json.loads(out) == first
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.npz")} == shards
    code, _, err = command(*args, "--seeds", "5")
    assert code == 2
    assert "seeds" in err


def test_ctrl_c_says_what_is_kept(command, monkeypatch):
    def stopped(*args, **rest):
        raise KeyboardInterrupt

    monkeypatch.setattr(importlib.import_module("bofcheck.compare.verify"), "train", stopped)
    code, _, err = command("verify", "--theorem", "trained.toml")
    assert code == 130
    assert "0 finished cells kept in results/verify-decay; run the same command again" in err


def test_a_python_theorem_takes_the_regimes_events(command):
    code, out, err = command("verify", "--theorem", "tuned.py", "--json")
    assert code == 0, err
    report = json.loads(out)
    claims = {one["id"] for one in report["claims"]}
    assert {"B1", "B2", "B3", "B7", "T1 (derived)"} <= claims
    assert len(report["assumptions"][0]["rows"]) == 11


def test_bounds_of_neighbours_and_of_ones_own(command):
    code, out, _ = command("bound", "jiang2024", "--stage", 2)
    assert code == 0
    assert "J1: test_loss <= 1/5" in out
    assert "applies where N*mu**2/(d*sigma_p**2) >= 10" in out
    code, out, _ = command("bound", "kou2023", "--stage", "2", "--set", "k=2")
    assert "about a two-layer ReLU convolutional network, not the transformer" in out
    assert "p + exp(-2*N*mu**4/(d*sigma_p**4))" in out
    pairs = ("p=0.1", "C=0.4", "k=2", "eta=0.1", "T1=0", "t=10")
    sets = [part for pair in pairs for part in ("--set", pair)]
    code, out, _ = command("bound", "mine.toml", "--stage", 2, *sets)
    assert (code, re.search(r"value +(\S+)", out)[1][:8]) == (0, "0.154134")
    code, _, err = command("bound", "mine.toml", "--stage", 2, "--set", "zeta=1")
    assert (code, "unknown symbol zeta" in err) == (2, True)


BAD = {
    "data without a theorem": ("verify", "--data", "curves.csv"),
    "problem without a theorem": ("verify", "--problem", "numbers.toml"),
    "problem without data": ("verify", "--theorem", "mine.toml", "--problem", "numbers.toml"),
    "unknown theorem": ("verify", "--theorem", "lucky2025"),
    "empty theorem": ("verify", "--theorem", ""),
    "absent theorem": ("verify", "--theorem", "absent.toml"),
    "folder as theorem": ("verify", "--theorem", "folder.toml"),
    "hostile theorem": ("verify", "--theorem", "hostile.toml"),
    "python that fails": ("verify", "--theorem", "fails.py"),
    "python without theorem": ("verify", "--theorem", "nothing.py"),
    "absent data": ("verify", "--theorem", "mine.toml", "--data", "absent.csv"),
    "data that is no curve": ("verify", "--theorem", "mine.toml", "--data", "mine.toml"),
    "data without the quantity": ("verify", "--theorem", "mine.toml", "--data", "other.csv"),
    "absent problem": (
        "verify", "--theorem", "mine.toml", "--data", "curves.csv", "--problem", "absent.toml"),
    "problem of another kind": (
        "verify", "--theorem", "mine.toml", "--data", "curves.csv", "--problem", "mine.toml"),
    "missing numbers": ("verify", "--theorem", "kou2023", "--data", "curves.csv"),
    "preset": ("verify", "--theorem", "tuned2.py", "--preset", "huge"),
    "foreign folder": ("verify", "--theorem", "trained.toml", "--out", "foreign"),
    "into trajectories": (
        "verify", "--theorem", "mine.toml", "--data", "curves.csv", "--out", "trained"),
    "into a file": (
        "verify", "--theorem", "mine.toml", "--data", "curves.csv", "--out", "mine.toml"),
    "bound of an absent file": ("bound", "absent.toml", "--stage", "1"),
    "bound of no stage": ("bound", "jiang2024", "--stage", "9"),
}  # fmt: skip


@pytest.mark.parametrize("args", BAD.values(), ids=BAD.keys())
def test_bad_input_is_one_line_and_writes_nothing(command, args):
    write_curves("curves.csv", runs=4)
    Path("other.csv").write_text("run,step,gap\n1,2,3\n")
    Path("folder.toml").mkdir()
    Path("hostile.toml").write_text(
        GOOD.replace("C*exp(", "__import__('os').system('touch pwned')*(")
    )
    Path("fails.py").write_text("1/0\n")
    Path("nothing.py").write_text("x = 1\n")
    Path("tuned2.py").write_text(Path("tuned.py").read_text().split("TRAINING")[0])
    Path("trained").mkdir()
    Path("trained/settings.json").write_text("{}")
    Path("foreign").mkdir()
    Path("foreign/report.json").write_text("{}")
    before = {path: path.is_file() and path.read_bytes() for path in Path().rglob("*")
              if "__pycache__" not in path.parts}  # fmt: skip
    code, out, err = command(*args)
    assert (code, out) == (2, ""), err
    assert err.startswith("bofcheck: error: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    after = {path: path.is_file() and path.read_bytes() for path in Path().rglob("*")
             if "__pycache__" not in path.parts}  # fmt: skip
    assert after == before
