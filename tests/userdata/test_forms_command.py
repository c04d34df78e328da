"""A theorem's file of each form, decided by ``bofcheck verify --theorem`` on a file of curves."""

import json
from pathlib import Path

import pytest
from planted_forms import curves, text, write

from bofcheck.cli.entry import run

STEPS = [1.0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
CASES = {
    "sum": ("C*m/t", "C b", 'floor = "b"', lambda t, n, m: 3 * m / t + 0.01),
    "power": ("C*m/n*t**(-a)", "C a", "", lambda t, n, m: 3 * m / n * t**-0.7),
    "mean": ("C*m/n/t", "C", 'reading = "mean"', lambda t, n, m: 3 * m / n / t),
    "quantile": ("C*m/n/t", "C", "quantile = 0.2", lambda t, n, m: 3 * m / n / t),
    "no time": ("C*m/n", "C", "", lambda t, n, m: 3 * m / n + 0 * t),
}


@pytest.fixture
def verify(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def call(stated, made, **how):
        Path("th.toml").write_text(stated)
        write(made, Path("c.csv"), Path("num.toml"), **how)
        given = ["--theorem", "th.toml", "--data", "c.csv", "--problem", "num.toml"]
        capsys.readouterr()
        code = run(["verify", *given, "--out", "out", "--fail-on", "never"])
        shown = capsys.readouterr()
        report = json.loads(Path("out/report.json").read_text()) if code == 0 else None
        return code, shown.out, shown.err, report

    return call


@pytest.mark.parametrize("form", CASES)
def test_each_form_is_decided(verify, form):
    excess, constants, keys, law = CASES[form]
    stepless = form == "no time"
    steps = [0.0] if stepless else STEPS
    made = curves(law, steps=steps, runs=12, within=0.0)
    stated = text(excess, constants, keys)
    code, out, err, report = verify(stated, made, stepless=stepless)
    assert (code, "every number is at step 0" in err) == (0, stepless)
    (claim,) = report["claims"]
    assert claim["verdict"] == "HOLDS", claim["reason"]
    assert "X1" in out
    assert Path("out/report.html").exists()
    (group,) = report["constants"]
    assert {one["name"] for one in group["constants"]} == set(constants.split())


def test_what_cannot_be_fitted_is_one_line(verify):
    made = curves(CASES["sum"][3], steps=STEPS, runs=2)
    code, _, err, _ = verify(text("C*exp(-k*t) + b", "C k b"), made)
    assert code == 2
    assert "X1 cannot be fitted: the excess is not linear in k" in err
    assert "C*f, C*exp(-k*x), C*t**(-a) or C1*f + C2*g" in " ".join(err.split())


def test_bounds_are_shown_with_their_reading(tmp_path, capsys):
    path = tmp_path / "th.toml"
    for keys, words in (
        ('reading = "mean"', "upper bound on the mean over runs of loss"),
        ("quantile = 0.1", "upper bound on loss, which may fail with probability 0.1"),
        ("", "upper bound on loss\n"),
    ):
        path.write_text(text("C/t", "C", keys))
        assert run(["bound", str(path), "--stage", "1"]) == 0
        assert words in capsys.readouterr().out
