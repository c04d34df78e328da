"""`bofcheck bound` and `bofcheck assumptions`: what they print, and what they refuse."""

import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bofcheck.compare import theory_values
from bofcheck.simulate import Problem
from bofcheck.theory import benign, check_assumptions, get_theorem, harmful

Command = Callable[..., tuple[int, str, str]]

POINT = {"p": 0.1, "C2": 0.5, "k2": 0.01, "eta": 0.1, "mu": 4.0, "w": 1.0, "T1": 20.0, "t": 120.0}


def settings(values: dict[str, float]) -> list[str]:
    return [part for name, value in values.items() for part in ("--set", f"{name}={value}")]


@pytest.mark.parametrize("regime", ["benign", "harmful"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_every_bound_of_every_stage_is_shown_in_all_three_forms(
    bofcheck: Command, regime: str, number: int
) -> None:
    stage = get_theorem(regime).stage(number)
    code, text, err = bofcheck("bound", regime, "--stage", number)
    assert (code, err) == (0, "")
    document = json.loads(bofcheck("bound", regime, "--stage", number, "--json")[1])
    latex = bofcheck("bound", regime, "--stage", number, "--latex")[1]
    assert latex.splitlines() == [bound.latex() for bound in stage.bounds]
    assert [one["name"] for one in document["bounds"]] == [b.name for b in stage.bounds]
    for bound, shown in zip(stage.bounds, document["bounds"], strict=True):
        assert shown["formula"].endswith(f"= {bound.expr}")
        assert (" <= " in shown["formula"]) is (bound.kind == "upper")
        assert shown["latex"] == bound.latex()
        assert shown["quantity"] == bound.quantity
        assert shown["provenance"] == bound.provenance
        assert shown["constants"] == [str(one) for one in bound.constants]
        assert (shown["rebuilt_from"] or "") == bound.rebuilt_from
        for part in (shown["formula"], bound.source, bound.provenance, bound.rebuilt_from):
            assert part in text


def test_with_all_symbols_set_the_bound_is_evaluated(bofcheck: Command) -> None:
    code, out, _ = bofcheck("bound", "benign", "--stage", 2, "--json", *settings(POINT))
    (shown,) = json.loads(out)["bounds"]
    assert code == 0
    assert shown["value"] == benign.bound("B2").numeric(**POINT)
    assert shown["log_excess"] == benign.bound("B2").log_excess(**POINT)
    assert shown["symbols_left"] == []
    # Other canonical names do no harm, and a tail that underflows keeps its logarithm.
    far = settings({**POINT, "t": 10.0**6 + 20, "sigma_h": 1.0})
    text = bofcheck("bound", "benign", "--stage", 2, *far)[1]
    assert "  value         0.1\n" in text
    assert "  log excess    -16000.69314718056\n" in text


def test_some_values_are_put_in_and_the_rest_stays_open(bofcheck: Command) -> None:
    args = ["bound", "benign", "--stage", 2, "--set", "mu = 2", "--set", "w=0.5"]
    (shown,) = json.loads(bofcheck(*args, "--json")[1])["bounds"]
    assert shown["formula"] == "test_error <= C2*exp(-1.0*eta*k2*(-T1 + t)) + p"
    assert shown["symbols_left"] == ["C2", "T1", "eta", "k2", "p", "t"]
    assert (shown["value"], shown["log_excess"]) == (None, None)
    assert "still open    C2, T1, eta, k2, p, t" in bofcheck(*args)[1]
    assert r"\|\mu\|" not in bofcheck(*args, "--latex")[1]


def test_a_bound_without_symbols_and_one_without_excess_have_values(bofcheck: Command) -> None:
    shown = json.loads(bofcheck("bound", "harmful", "--stage", 3, "--json")[1])["bounds"]
    lower = next(one for one in shown if one["kind"] == "lower")
    assert lower["value"] == harmful.bound("H6").numeric()
    values = {"C2": 1, "eta": 1, "sigma_p": 1, "d": 4, "N": 2, "w": 1, "T1": 5, "t": 5}
    out = bofcheck("bound", "harmful", "--stage", 2, "--json", *settings(values))[1]
    start = json.loads(out)["bounds"][0]
    assert start["value"] == pytest.approx(math.log(2), rel=1e-6, abs=0.0)
    assert start["log_excess"] == "-inf"


BAD = {
    "unknown regime": (["mild", "--stage", "1"], ["mild", "benign", "harmful"]),
    "a path": (["../benign", "--stage", "1"], ["no theorem"]),
    "no regime": (["--stage", "1"], ["THEOREM"]),
    "no stage": (["benign", "--set", "t=3"], ["--stage"]),
    "stage 4": (["benign", "--stage", "4"], ["stages are numbered 1, 2, 3"]),
    "stage in words": (["benign", "--stage", "two"], ["two"]),
    "both forms": (["benign", "--stage", "1", "--latex", "--json"], ["exclude each other"]),
    "no equals sign": (["benign", "--stage", "1", "--set", "p"], ["'p' is not NAME=VALUE"]),
    "no name": (["benign", "--stage", "1", "--set", "=1"], ["NAME=VALUE"]),
    "unknown name": (["benign", "--stage", "1", "--set", "zeta=1"], ["zeta", "sigma_p"]),
    "snr": (["benign", "--stage", "1", "--set", "SNR=1"], ["computed from mu, sigma_p and d"]),
    "twice": (["benign", "--stage", "1", "--set", "p=0", "--set", "p=0.1"], ["p is given twice"]),
    "no number": (["benign", "--stage", "1", "--set", "p=x"], ["p = x", "[0, 0.5)"]),
    "p too large": (["benign", "--stage", "1", "--set", "p=0.5"], ["p = 0.5", "[0, 0.5)"]),
    "negative": (["benign", "--stage", "1", "--set", "t=-1"], ["t = -1", "at least 0"]),
    "zero": (["benign", "--stage", "1", "--set", "mu=0"], ["mu = 0", "above 0"]),
    "infinite": (["benign", "--stage", "1", "--set", "mu=inf"], ["mu = inf"]),
    "nan": (["benign", "--stage", "1", "--set", "mu=nan"], ["mu = nan"]),
    "too early": (
        ["benign", "--stage", "2", "--set", "t=1", "--set", "T1=2"], ["T1 <= t <= T2"]
    ),
    "too late": (["benign", "--stage", "2", "--set", "t=3", "--set", "T2=2"], ["T1 <= t <= T2"]),
    "stages reversed": (["benign", "--stage", "3", "--set", "T2=3", "--set", "T3=2"], ["T2 <= t"]),
}  # fmt: skip


@pytest.mark.parametrize(("args", "words"), BAD.values(), ids=BAD)
def test_bad_input_to_bound_is_one_line(
    bofcheck: Command, args: list[str], words: list[str]
) -> None:
    code, out, err = bofcheck("bound", *args)
    assert (code, out) == (2, "")
    assert err.startswith("bofcheck: error: ")
    assert err.count("\n") == 1
    assert [word for word in words if word not in err] == []


@pytest.mark.parametrize("constant", [1.0, 0.5, 3.0])
def test_assumptions_prints_the_theorys_own_report(
    toml: Path, bofcheck: Command, constant: float
) -> None:
    args = ["assumptions", toml, "--constant", constant]
    code, out, err = bofcheck(*args, "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    values = theory_values(Problem.from_file(toml))
    report = check_assumptions(values, constant)
    assert document["values"] == values
    assert (document["constant"], document["holds"]) == (constant, report.holds)
    assert document["failing_items"] == list(report.failing)
    assert document["largest_constant"] == report.largest_constant
    assert document["provenance"] == "RECONSTRUCTED"
    for row, shown in zip(report.rows, document["rows"], strict=True):
        for name in ("item", "text", "left", "relation", "right", "ratio", "holds", "latex"):
            assert shown[name] == getattr(row, name)
    text = bofcheck(*args)[1]
    assert f"at C = {constant:g}" in text
    assert all(f"{row.left:.4g}" in text for row in report.rows)
    assert ("not met: item" in text) is not report.holds


INSIDE = """
n_samples = 40
dim = 2.6e10
key_dim = 161000
noise_std = 6.2e-6
flip_prob = 0.1
learning_rate = 0.002
init_std_qk = 0.005
init_std_v = 0.03
target_loss = 0.1
"""


def test_the_largest_constant_is_where_the_answer_turns(toml: Path, bofcheck: Command) -> None:
    toml.write_text(INSIDE)
    document = json.loads(bofcheck("assumptions", toml, "--json")[1])
    assert document["holds"]
    largest = document["largest_constant"]
    for factor, holds in ((1 - 1e-9, True), (1 + 1e-9, False)):
        args = ["assumptions", toml, "--constant", repr(largest * factor)]
        assert json.loads(bofcheck(*args, "--json")[1])["holds"] is holds
        assert ("all inequalities hold; the largest C" in bofcheck(*args)[1]) is holds
    toml.write_text(INSIDE.replace("0.005", "0.1"))
    text = bofcheck("assumptions", toml)[1]
    assert "not met: item 7; an inequality without C fails" in text


def test_no_flips_leave_item_three_unlimited(toml: Path, bofcheck: Command) -> None:
    toml.write_text("flip_prob = 0.0\n")
    rows = json.loads(bofcheck("assumptions", toml, "--json")[1])["rows"]
    assert [row["ratio"] for row in rows if row["item"] == 3] == ["inf", "inf"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([], ["PROBLEM.toml"]),
        (["absent.toml"], ["absent.toml", "cannot be read"]),
        (["easy.toml", "--constant", "0"], ["C must be finite and positive"]),
        (["easy.toml", "--constant", "-1"], ["C must be finite and positive"]),
        (["easy.toml", "--constant", "nan"], ["C must be finite and positive"]),
        (["easy.toml", "--constant", "one"], ["one"]),
        (["zero.toml"], ["sigma_h must be finite and positive"]),
        (["wrong.toml"], ["wrong.toml", "flip_prob"]),
    ],
)
def test_bad_input_to_assumptions_is_one_line(
    toml: Path, bofcheck: Command, args: list[str], words: list[str]
) -> None:
    toml.with_name("zero.toml").write_text("init_std_qk = 0.0\n")
    toml.with_name("wrong.toml").write_text("flip_prob = 0.7\n")
    code, out, err = bofcheck("assumptions", *args)
    assert (code, out) == (2, "")
    assert err.startswith("bofcheck: error: ")
    assert err.count("\n") == 1
    assert [word for word in words if word not in err] == []


def test_neither_command_loads_torch_and_bound_loads_only_the_theory(toml: Path) -> None:
    program = (
        "import sys; from bofcheck.cli.entry import run; code = run(sys.argv[2:]); "
        "print('loaded:', code, *[m for m in sys.argv[1].split(',') if m in sys.modules])"
    )
    heavy = "torch,matplotlib"
    more = ",numba,scipy,pydantic,bofcheck.simulate,bofcheck.compare"
    cases = [(heavy + more, ["bound", "benign", "--stage", "2"])]
    cases.append((heavy, ["assumptions", str(toml)]))
    cases.append((heavy + more + ",sympy,numpy", ["bound", "--help"]))
    for names, args in cases:
        done = subprocess.run(
            [sys.executable, "-c", program, names, *args],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.splitlines()[-1] == "loaded: 0"
